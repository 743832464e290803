"""Six areas with their cities: code, English name, Chinese name."""

COMPANY = ("CN", "Hengyuan Home", "恒源家居")

AREAS: dict[str, tuple[str, str]] = {
    "EC": ("East China", "华东"),
    "NC": ("North China", "华北"),
    "SC": ("South China", "华南"),
    "CC": ("Central China", "华中"),
    "SW": ("Southwest China", "西南"),
    "NE": ("Northeast China", "东北"),
}

CITIES: dict[str, list[tuple[str, str, str, str]]] = {
    "EC": [
        ("EC-SZ", "Suzhou", "苏州", "0512"),
        ("EC-WX", "Wuxi", "无锡", "0510"),
        ("EC-CZ", "Changzhou", "常州", "0519"),
        ("EC-NT", "Nantong", "南通", "0513"),
        ("EC-ZJ", "Zhenjiang", "镇江", "0511"),
        ("EC-SH", "Shanghai", "上海", "021"),
        ("EC-HZ", "Hangzhou", "杭州", "0571"),
        ("EC-NB", "Ningbo", "宁波", "0574"),
    ],
    "NC": [
        ("NC-BJ", "Beijing", "北京", "010"),
        ("NC-TJ", "Tianjin", "天津", "022"),
        ("NC-SJ", "Shijiazhuang", "石家庄", "0311"),
        ("NC-TY", "Taiyuan", "太原", "0351"),
        ("NC-JN", "Jinan", "济南", "0531"),
    ],
    "SC": [
        ("SC-GZ", "Guangzhou", "广州", "020"),
        ("SC-FS", "Foshan", "佛山", "0757"),
        ("SC-SZ", "Shenzhen", "深圳", "0755"),
        ("SC-XM", "Xiamen", "厦门", "0592"),
        ("SC-NN", "Nanning", "南宁", "0771"),
    ],
    "CC": [
        ("CC-WH", "Wuhan", "武汉", "027"),
        ("CC-CS", "Changsha", "长沙", "0731"),
        ("CC-ZZ", "Zhengzhou", "郑州", "0371"),
        ("CC-NC", "Nanchang", "南昌", "0791"),
    ],
    "SW": [
        ("SW-CD", "Chengdu", "成都", "028"),
        ("SW-CQ", "Chongqing", "重庆", "023"),
        ("SW-KM", "Kunming", "昆明", "0871"),
        ("SW-GY", "Guiyang", "贵阳", "0851"),
    ],
    "NE": [
        ("NE-SY", "Shenyang", "沈阳", "024"),
        ("NE-DL", "Dalian", "大连", "0411"),
        ("NE-CC", "Changchun", "长春", "0431"),
        ("NE-HB", "Harbin", "哈尔滨", "0451"),
    ],
}
"""City: code, names, and its telephone prefix."""

WAREHOUSES = [("SZ", "Suzhou central warehouse", "苏州中心仓"), ("WH", "Wuhan warehouse", "武汉仓")]

SHIPS_FROM = {"EC": "SZ", "NC": "SZ", "NE": "SZ", "SC": "WH", "CC": "WH", "SW": "WH"}
"""The warehouse that serves an area."""

CARRIERS = ["SF Freight 顺丰快运", "Deppon 德邦物流", "Aneng 安能物流", "Own lorry 自有车辆"]
