"""Characters that fictitious names are put together from."""

import numpy as np

#: Common surnames with rounded shares, per ten thousand people.
_SURNAMES = (
    "王716李695张674刘517陈443杨302赵223黄217周206吴200徐168孙155胡131朱126高121林118何117郭115马113罗86"
    "梁84宋81郑80谢71韩68唐64冯63于62董61萧58程57曹56袁56邓55许54傅51沈50曾50彭49吕47苏46卢46蒋46蔡45贾43"
    "丁43魏42薛41叶41阎40余40潘39杜38戴38夏37钟37汪36田36任35姜35范34方34石33姚33谭32廖31邹30熊30金29陆29"
    "郝28孔28白28崔27康27毛26邱26秦26江25史25顾24侯24邵23孟23龙22万22段22雷21钱21汤20尹20黎19易19常19武18"
    "乔18贺18赖17龚17文16"
)
#: Two-character surnames, and given names written with a dot, are part of every real ledger.
_DOUBLE = ("欧阳", "上官", "司马", "诸葛", "皇甫", "尉迟")
_DOTTED = ("阿依古丽·买买提", "努尔·艾力", "古丽娜·吐尔逊", "买买提·热合曼")

_TWO_CHARACTERS = 0.8  #: of the given names
_DOTTED_SHARE = 0.001

_MALE = (
    "伟强磊军勇涛斌超鹏辉刚建明杰峰亮波宁浩宇博文志国庆海龙飞林东平华鑫旭洋凯健俊豪毅晨阳坤振兴家兵祥"
    "全根生友德顺才贵福禄喜宏伦光耀达远航程帆锋锐钢铁柱栋梁松柏榕川江河岳岩石山峻岭原野田禾丰年春秋冬"
    "雷霆震云霄天宸宽广亚非民群众社会新立业创成功名正直忠诚信义仁孝礼智勤劳朴实良善和谦恭让敬学思问道"
)
_FEMALE = (
    "芳娜敏静丽艳娟霞玲燕红梅英琴玉兰萍莉丹婷雪洁颖慧琳晶妍倩茜雯佳怡欣悦瑶琪蕾薇岚菊荷莲桂香秀珍珠翠"
    "凤仙巧云彩虹露霜晓月星辰夏秋冬暖晴雨诗画音韵乐歌舞笑甜美善淑贤惠婉柔媛嫣娇娅妮姗婵娥姣婕莹莎菁萌"
    "苗芝芸苹茵荣蓉蓓蔓薰青绿蓝紫素白纯清浅溪泉涵润泽淼沁汐澜滢漪若如依伊忆念思盼望心意情爱恩慈祺祥瑞"
)


def _weighted() -> tuple[list[str], np.ndarray]:
    names: list[str] = []
    weights: list[float] = []
    number = ""
    for character in _SURNAMES + "末":
        if character.isdigit():
            number += character
            continue
        if number:
            weights.append(float(number))
        names.append(character)
        number = ""
    names.pop()
    names += _DOUBLE
    weights += [1.0] * len(_DOUBLE)
    shares = np.array(weights)
    return names, shares / shares.sum()


_NAMES, _SHARES = _weighted()


def draw_names(rng: np.random.Generator, males: list[bool]) -> list[str]:
    """Draw one name for each person, given which of them are men.

    Four in five given names have two characters; about one name in a thousand carries a dot.
    """
    count = len(males)
    surnames = rng.choice(len(_NAMES), size=count, p=_SHARES)
    letters = rng.random((count, 2))
    double = rng.random(count) < _TWO_CHARACTERS
    dotted = rng.random(count) < _DOTTED_SHARE
    names = []
    for i, male in enumerate(males):
        pool = _MALE if male else _FEMALE
        given = "".join(pool[int(u * len(pool))] for u in letters[i, : 1 + int(double[i])])
        name = _NAMES[surnames[i]] + given
        names.append(_DOTTED[i % len(_DOTTED)] if dotted[i] else name)
    return names
