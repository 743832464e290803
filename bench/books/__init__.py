"""Books of any size, made by the same rules: the more deliveries, the larger the company that they belong to."""
