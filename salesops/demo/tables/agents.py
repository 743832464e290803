"""Sixty agents and four other customers: code order is the order here."""

from dataclasses import dataclass

from customers.files.models import Kind

DEALER = Kind.SECONDARY_DEALER
RUIFENG = "A-0001"


@dataclass(frozen=True)
class AgentRow:
    """One customer. `fortune` is a key of fortunes.FORTUNES; `monthly` is what it buys a month, in CNY thousand."""

    name: str
    name_zh: str
    city: str
    representative: str
    grade: str
    fortune: str
    monthly: int
    kind: str = Kind.AGENT
    parent: str = ""


AGENTS: list[AgentRow] = [
    # the team of Lin Yue: what the supervisor sees first
    AgentRow("Suzhou Ruifeng Trading", "苏州瑞丰商贸", "EC-SZ", "representative", "A", "twelve", 130),
    AgentRow("Wuxi Taihu Home", "无锡太湖家居", "EC-WX", "representative", "A", "good", 170),
    AgentRow("Kunshan Hechang Appliances", "昆山和昌电器", "EC-SZ", "representative", "B", "good", 110),
    AgentRow("Changshu Yushan Home", "常熟虞山家居", "EC-SZ", "representative", "B", "slow", 95),
    AgentRow("Changzhou Longcheng Appliances", "常州龙城家电", "EC-CZ", "shen.jiayi", "A", "good", 150),
    AgentRow("Liyang Tianmu Electric", "溧阳天目电器", "EC-CZ", "shen.jiayi", "C", "prompt", 45),
    AgentRow("Jintan Maoshan Trading", "金坛茅山商贸", "EC-CZ", "shen.jiayi", "C", "prepaid", 40),
    AgentRow("Nantong Jianghai Trading", "南通江海商贸", "EC-NT", "ma.tianyu", "A", "late", 160),
    AgentRow("Rugao Shuihui Home", "如皋水绘家居", "EC-NT", "ma.tianyu", "B", "good", 80),
    AgentRow("Haimen Dongzhou Appliances", "海门东洲家电", "EC-NT", "ma.tianyu", "B", "stuck", 70),
    AgentRow("Jiangyin Chengjiang Electric", "江阴澄江电器", "EC-WX", "gao.lei", "B", "good", 120),
    AgentRow("Yixing Taodu Home", "宜兴陶都家居", "EC-WX", "gao.lei", "B", "good", 90),
    AgentRow("Zhangjiagang Shazhou Appliances", "张家港沙洲家电", "EC-SZ", "gao.lei", "B", "good", 115),
    AgentRow("Taicang Gangcheng Trading", "太仓港城贸易", "EC-SZ", "tang.rui", "C", "slow", 60),
    AgentRow("Wujiang Shengze Water", "吴江盛泽净水", "EC-SZ", "tang.rui", "B", "good", 85),
    AgentRow("Danyang Yunyang Trading", "丹阳云阳商贸", "EC-ZJ", "tang.rui", "C", "prompt", 55),
    # Shanghai–Hangzhou
    AgentRow("Shanghai Puxi Household", "上海浦西家用", "EC-SH", "zhu.yifan", "A", "free", 240),
    AgentRow("Shanghai Minhang Kitchens", "上海闵行厨电", "EC-SH", "zhu.yifan", "B", "good", 120),
    AgentRow("Shanghai Jiading Water", "上海嘉定净水", "EC-SH", "zhu.yifan", "B", "month_end", 105),
    AgentRow("Shanghai Songjiang Trading", "上海松江商贸", "EC-SH", "zhu.yifan", "C", "slow", 60),
    AgentRow("Hangzhou Xixi Home", "杭州西溪家居", "EC-HZ", "xie.wenjing", "A", "good", 180),
    AgentRow("Hangzhou Xiaoshan Appliances", "杭州萧山家电", "EC-HZ", "xie.wenjing", "B", "month_end", 130),
    AgentRow("Jiaxing Nanhu Electric", "嘉兴南湖电器", "EC-HZ", "xie.wenjing", "C", "late", 65),
    AgentRow("Ningbo Dongqian Trading", "宁波东钱商贸", "EC-NB", "xie.wenjing", "B", "good", 125),
    AgentRow("Cixi Hangzhouwan Appliances", "慈溪杭湾家电", "EC-NB", "xie.wenjing", "C", "prompt", 50),
    # North
    AgentRow("Beijing Chaoyang Home", "北京朝阳家居", "NC-BJ", "guo.qiang", "A", "month_end", 210),
    AgentRow("Beijing Fengtai Kitchens", "北京丰台厨电", "NC-BJ", "guo.qiang", "B", "good", 110),
    AgentRow("Langfang Huaxia Trading", "廊坊华夏商贸", "NC-BJ", "guo.qiang", "C", "slow", 55),
    AgentRow("Tianjin Haihe Appliances", "天津海河家电", "NC-TJ", "guo.qiang", "B", "good", 120),
    AgentRow("Shijiazhuang Yanzhao Electric", "石家庄燕赵电器", "NC-SJ", "li.jing", "B", "late", 90),
    AgentRow("Baoding Gucheng Home", "保定古城家居", "NC-SJ", "li.jing", "C", "good", 60),
    AgentRow("Taiyuan Fenhe Water", "太原汾河净水", "NC-TY", "li.jing", "C", "good", 70),
    AgentRow("Jinan Quancheng Trading", "济南泉城商贸", "NC-JN", "li.jing", "B", "good", 115),
    AgentRow("Qingdao Laoshan Appliances", "青岛崂山家电", "NC-JN", "li.jing", "A", "prompt", 150),
    # South
    AgentRow("Guangzhou Zhujiang Home", "广州珠江家居", "SC-GZ", "huang.zhihao", "A", "good", 200),
    AgentRow("Guangzhou Panyu Kitchens", "广州番禺厨电", "SC-GZ", "huang.zhihao", "B", "good", 110),
    AgentRow("Foshan Lingnan Appliances", "佛山岭南家电", "SC-FS", "huang.zhihao", "B", "slow", 100),
    AgentRow("Shunde Daliang Electric", "顺德大良电器", "SC-FS", "huang.zhihao", "C", "good", 65),
    AgentRow("Shenzhen Nanshan Living", "深圳南山生活", "SC-SZ", "huang.zhihao", "A", "month_end", 220),
    AgentRow("Dongguan Songhu Trading", "东莞松湖商贸", "SC-SZ", "huang.zhihao", "B", "good", 105),
    AgentRow("Xiamen Ludao Home", "厦门鹭岛家居", "SC-XM", "huang.zhihao", "B", "good", 95),
    AgentRow("Nanning Yongjiang Water", "南宁邕江净水", "SC-NN", "huang.zhihao", "C", "late", 60),
    # Central
    AgentRow("Wuhan Jianghan Appliances", "武汉江汉家电", "CC-WH", "fan.xiao", "A", "good", 170),
    AgentRow("Wuhan Guanggu Living", "武汉光谷生活", "CC-WH", "fan.xiao", "B", "good", 95),
    AgentRow("Xiangyang Longzhong Trading", "襄阳隆中商贸", "CC-WH", "fan.xiao", "C", "prepaid", 35),
    AgentRow("Changsha Yuelu Home", "长沙岳麓家居", "CC-CS", "fan.xiao", "B", "good", 130),
    AgentRow("Zhuzhou Shennong Electric", "株洲神农电器", "CC-CS", "fan.xiao", "C", "slow", 50),
    AgentRow("Zhengzhou Zhongyuan Appliances", "郑州中原家电", "CC-ZZ", "fan.xiao", "B", "good", 125),
    AgentRow("Luoyang Longmen Water", "洛阳龙门净水", "CC-ZZ", "fan.xiao", "C", "good", 60),
    AgentRow("Nanchang Ganjiang Home", "南昌赣江家居", "CC-NC", "fan.xiao", "C", "good", 75),
    # Southwest
    AgentRow("Chengdu Jinjiang Appliances", "成都锦江家电", "SW-CD", "jiang.bo", "A", "good", 175),
    AgentRow("Chengdu Tianfu Living", "成都天府生活", "SW-CD", "jiang.bo", "B", "new", 90),
    AgentRow("Mianyang Fule Electric", "绵阳富乐电器", "SW-CD", "jiang.bo", "C", "good", 50),
    AgentRow("Chongqing Liangjiang Home", "重庆两江家居", "SW-CQ", "jiang.bo", "A", "month_end", 150),
    AgentRow("Kunming Dianchi Water", "昆明滇池净水", "SW-KM", "jiang.bo", "B", "slow", 75),
    AgentRow("Guiyang Jiaxiu Trading", "贵阳甲秀商贸", "SW-GY", "jiang.bo", "C", "good", 55),
    # Northeast
    AgentRow("Shenyang Hunhe Appliances", "沈阳浑河家电", "NE-SY", "song.jia", "B", "good", 110),
    AgentRow("Dalian Xinghai Home", "大连星海家居", "NE-DL", "song.jia", "B", "good", 100),
    AgentRow("Changchun Jingyue Electric", "长春净月电器", "NE-CC", "song.jia", "C", "late", 60),
    AgentRow("Harbin Songhua Living", "哈尔滨松花生活", "NE-HB", "song.jia", "C", "new", 65),
    # and four that are no agents
    AgentRow("Suzhou Shantang Store", "苏州山塘电器店", "EC-SZ", "representative", "C", "over", 14, DEALER, RUIFENG),
    AgentRow("Mudu Old Town Kitchens", "木渎古镇厨电", "EC-SZ", "representative", "C", "good", 12, DEALER, RUIFENG),
    AgentRow("Yiwu Fangyuan Wholesale", "义乌方圆批发", "EC-HZ", "xie.wenjing", "B", "prompt", 85, Kind.WHOLESALER),
    AgentRow("Yangtze Hotels Purchasing", "扬子酒店采购", "EC-SH", "zhu.yifan", "B", "month_end", 45, Kind.DIRECT),
]
