"""The people: user name, English name, Chinese name, role, region, team. The ten of the sign-in page come first."""

from salesops.users.roles import Role

TEAMS: dict[str, tuple[str, str, str]] = {
    "SX": ("Suzhou–Wuxi", "苏锡组", "EC"),
    "SH": ("Shanghai–Hangzhou", "沪杭组", "EC"),
    "NC": ("North", "华北组", "NC"),
    "SC": ("South", "华南组", "SC"),
    "CC": ("Central", "华中组", "CC"),
    "SW": ("Southwest", "西南组", "SW"),
    "NE": ("Northeast", "东北组", "NE"),
}

PEOPLE: list[tuple[str, str, str, str, str, str]] = [
    ("supervisor", "Lin Yue", "林悦", Role.SUPERVISOR, "EC", "SX"),
    ("representative", "Chen Siyuan", "陈思远", Role.REPRESENTATIVE, "EC", "SX"),
    ("regional-manager", "Sun Haiyan", "孙海燕", Role.REGIONAL_MANAGER, "EC", ""),
    ("sales-manager", "Xu Jianguo", "徐建国", Role.SALES_MANAGER, "CN", ""),
    ("finance", "Qian Ling", "钱玲", Role.FINANCE, "CN", ""),
    ("supply", "Shi Jun", "施军", Role.SUPPLY, "CN", ""),
    ("personnel", "Ye Qing", "叶青", Role.PERSONNEL, "CN", ""),
    ("marketing", "Pan Ruoxi", "潘若曦", Role.MARKETING, "CN", ""),
    ("admin", "Zhou Wei", "周伟", Role.ADMINISTRATOR, "CN", ""),
    ("shen.jiayi", "Shen Jiayi", "沈佳怡", Role.REPRESENTATIVE, "EC", "SX"),
    ("ma.tianyu", "Ma Tianyu", "马天宇", Role.REPRESENTATIVE, "EC", "SX"),
    ("gao.lei", "Gao Lei", "高磊", Role.REPRESENTATIVE, "EC", "SX"),
    ("tang.rui", "Tang Rui", "唐蕊", Role.REPRESENTATIVE, "EC", "SX"),
    ("he.ming", "He Ming", "何明", Role.SUPERVISOR, "EC", "SH"),
    ("zhu.yifan", "Zhu Yifan", "朱一凡", Role.REPRESENTATIVE, "EC", "SH"),
    ("xie.wenjing", "Xie Wenjing", "谢文静", Role.REPRESENTATIVE, "EC", "SH"),
    ("wang.zhiqiang", "Wang Zhiqiang", "王志强", Role.REGIONAL_MANAGER, "NC", ""),
    ("cao.lei", "Cao Lei", "曹蕾", Role.SUPERVISOR, "NC", "NC"),
    ("guo.qiang", "Guo Qiang", "郭强", Role.REPRESENTATIVE, "NC", "NC"),
    ("li.jing", "Li Jing", "李静", Role.REPRESENTATIVE, "NC", "NC"),
    ("liang.jiawen", "Liang Jiawen", "梁嘉文", Role.REGIONAL_MANAGER, "SC", ""),
    ("deng.zihan", "Deng Zihan", "邓子涵", Role.SUPERVISOR, "SC", "SC"),
    ("huang.zhihao", "Huang Zhihao", "黄志豪", Role.REPRESENTATIVE, "SC", "SC"),
    ("hu.bin", "Hu Bin", "胡斌", Role.REGIONAL_MANAGER, "CC", ""),
    ("peng.tao", "Peng Tao", "彭涛", Role.SUPERVISOR, "CC", "CC"),
    ("fan.xiao", "Fan Xiao", "范晓", Role.REPRESENTATIVE, "CC", "CC"),
    ("luo.yun", "Luo Yun", "罗芸", Role.REGIONAL_MANAGER, "SW", ""),
    ("yang.xue", "Yang Xue", "杨雪", Role.SUPERVISOR, "SW", "SW"),
    ("jiang.bo", "Jiang Bo", "蒋波", Role.REPRESENTATIVE, "SW", "SW"),
    ("jin.chengyu", "Jin Chengyu", "金成宇", Role.REGIONAL_MANAGER, "NE", ""),
    ("guan.peng", "Guan Peng", "关鹏", Role.SUPERVISOR, "NE", "NE"),
    ("song.jia", "Song Jia", "宋佳", Role.REPRESENTATIVE, "NE", "NE"),
    ("fang.hua", "Fang Hua", "方华", Role.FINANCE, "CN", ""),
    ("dong.mei", "Dong Mei", "董梅", Role.SUPPLY, "CN", ""),
]
"""An empty team is none; CN is the whole company."""

AGENT_PEOPLE: list[tuple[str, str, str, str]] = [
    ("agent", "Fan Guohua", "范国华", "A-0001"),
    ("ruifeng", "Gu Min", "顾敏", "A-0001"),
    ("taihu", "Zhao Ruilin", "赵瑞林", "A-0002"),
    ("nanhu", "Xu Wenbo", "徐文博", "A-0003"),
    ("qinhuai", "Peng Yu", "彭宇", "A-0004"),
    ("yuhua", "Deng Xiaolan", "邓小兰", "A-0006"),
]
"""Agents who sign in: user name, names, and the code of their customer; who writes its orders stands first of them."""

RESPONSIBLE, COLLEAGUE = "agent", "ruifeng"
"""Two people of one agent: the first looks after the other."""

DOMAIN = "hengyuan.example"
"""Mail to it reaches nobody."""
