"""Who and what the demo company has, as tables: places, people, agents, products. All of it is invented."""
