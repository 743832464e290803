"""Names, streets and notes to choose from."""

SURNAMES = [
    ("Zhang", "张"), ("Wang", "王"), ("Liu", "刘"), ("Chen", "陈"), ("Yang", "杨"), ("Zhao", "赵"), ("Huang", "黄"),
    ("Zhou", "周"), ("Wu", "吴"), ("Xu", "徐"), ("Sun", "孙"), ("Zhu", "朱"), ("Ma", "马"), ("Hu", "胡"), ("Guo", "郭"),
    ("Lin", "林"), ("He", "何"), ("Gao", "高"), ("Luo", "罗"), ("Zheng", "郑"),
]  # fmt: skip

GIVEN = [
    ("Jianjun", "建军"), ("Xiaoli", "晓丽"), ("Guoqing", "国庆"), ("Meihua", "美华"), ("Zhigang", "志刚"),
    ("Yan", "燕"), ("Haibo", "海波"), ("Wenbin", "文斌"), ("Lihong", "丽红"), ("Dongsheng", "东升"), ("Xin", "欣"),
    ("Yufeng", "玉峰"), ("Jiahui", "佳慧"), ("Bo", "博"), ("Xuemei", "雪梅"), ("Chao", "超"), ("Ning", "宁"),
    ("Shaohua", "少华"), ("Ping", "萍"), ("Weidong", "卫东"),
]  # fmt: skip

POSTS = ["Owner", "Purchasing", "Accounts"]

STREETS = [
    ("Renmin Road", "人民路"),
    ("Jianshe Avenue", "建设大道"),
    ("Jiefang Road", "解放路"),
    ("Xinhua Street", "新华街"),
    ("Gongye Park Road", "工业园路"),
    ("Changjiang Road", "长江路"),
    ("Wenhua Street", "文化街"),
    ("Huanghe Road", "黄河路"),
    ("Dongfeng Avenue", "东风大道"),
    ("Zhongshan Road", "中山路"),
]

NOTES = [
    "Pays on the 10th and the 25th; call the accountant two days before.",
    "Goods are received on weekdays until 16:30 only.",
    "新店十二月开业，备货量会增加 (a new store opens in December and will need more).",
    "Wants the price list of next year before the end of the month.",
    "The owner prefers WeChat to telephone calls.",
    "Asked for longer terms; told that it depends on the last quarter's payments.",
    "Storage is small: no more than two pallets at once.",
    "对账每月五号前完成 (reconciles before the fifth of each month).",
    "Complained about a dented carton in the last shipment; replaced.",
    "Second store in the old town does well with filters.",
    "Interested in the whole-house purifiers for a housing project.",
    "Competitor offered 60 days; stays with us for the service.",
]

APPROVAL_NOTES = [
    "Pays as always.",
    "Spoke with the owner, money comes on the 10th.",
    "Within the agreed season's stock.",
    "按计划备货 (as planned).",
    "",
    "",
    "",
    "",
]

EXCESS_NOTES = [
    "Accepted: the overdue item is paid this week, slip seen.",
    "Accepted for the campaign; back within the limit by the end of the month.",
    "Excess is small, good payer for years.",
]

REJECTION_NOTES = [
    "Overdue items first; then we deliver again.",
    "The price was not agreed. Speak to me before you promise it.",
    "Too much stock of these at the agent already.",
]
