# 报告用语（简体中文）。大括号内为插入内容；分句末尾不加句号。

## 验证中提出的问题

ask-format = 签名能否读取？
ask-coverage = 签名是否涵盖签署时的整个文档？
ask-dictionary = 签名的形式是否为所有阅读软件一致理解？
ask-whole-document = 容器中的所有文件是否均已签名？
ask-signed-bytes = 被签名的数据是否仍与签署时相同？
ask-signature-value = 签名是否由该证书对应的密钥生成？
ask-later-changes = 之后添加的内容是否全部获准？
ask-signing-certificate = 能否确定由哪张证书签署？
ask-signing-certificate-attribute = 签名本身是否指明其证书？
ask-certificate-path = 是否有您信任的机构为该证书担保？
ask-certificate-algorithms = 证书本身是否以可靠的算法签发？
ask-revocation-known = 证书的状态是否已知？
ask-not-revoked = 证书是否未被吊销？
ask-revocation-fresh = 其状态信息是否足够新？
ask-algorithms = 签名所用算法是否可靠？
ask-timestamp-imprint = 时间戳是否针对这些数据？
ask-proof-of-existence = 是否有时间证明足以化解如今已不再有效的情形？
ask-timestamp-not-later = 时间戳是否不晚于本次验证的时间？
ask-validation-data = 是否已检查所有证书和吊销数据？
ask-timestamp-purpose = 该机构的证书是否仅用于时间戳？
ask-timestamp-order = 各时间戳的先后顺序是否可能？
ask-timestamp-required = 签名是否有可靠的时间戳？
ask-timestamp-before-revocation = 证书状态是否在时间戳之后给出？
ask-revocation-delay = 是否在时间戳之后不久给出？
ask-claimed-time = 所声称的时间是否可能？
ask-baseline-level = 签名级别是否在认可之列？
ask-pinned-certificate = 签名人的证书本身是否为您所信任？
ask-qualified-certificate = 证书是否声明为合格证书？

## 回答

yes = 是
detail = { $text }
format-readable = 这是格式为 { $format } 的签名
coverage-whole = 它涵盖文件的一个完整版本
dictionary-fine = 其中没有可作两种解读之处
members-covered = 全部 { $of } 个文件均已签名
members-left-out = { $of } 个文件中仅有 { $covered } 个已签名
signed-bytes-same = 被签名的数据未被更改
signed-bytes-changed = 被签名的数据在签署后被更改
signature-value-right = 签名值与被签名的数据及签名人的密钥相符
signature-value-wrong = 签名值与被签名的数据及签名人的密钥不符
changes-allowed = 没有添加任何不获准的内容
signer-found = 这是 { $name } 的证书
signer-absent = 文件中没有签名人的证书
signer-contradicted = 签名所指明的证书与所附证书不同
signer-named = 签名中含有其证书的摘要值
signer-not-named = 签名仅以颁发者和序列号指明其证书
path-found = 证书可追溯到您信任的 { $name }
path-missing = 没有任何信任锚为 { $name } 担保
path-fault = { $fault }（{ $name }）
certificate-reliable = { $name } 的证书以可靠的算法签发
revocation-said = { $name } 的状态截至 { $time } 已知
revocation-unknown = 没有关于 { $name } 的吊销信息
revocation-unknown-despite-data = 现有吊销信息未涉及 { $name }
revocation-weak = 关于 { $name } 的吊销信息以已不可靠的算法签名
certificate-revoked = { $name } 已于 { $time } 被吊销（{ $reason }）
certificate-on-hold = { $name } 已于 { $time } 被暂停使用
not-revoked = { $name } 未被吊销
revocation-recent = { $name } 的状态信息足够新
revocation-stale = { $name } 的状态仅截至 { $time } 已知
algorithm-reliable = { $algorithm } 可靠
algorithm-weak-since = { $algorithm } 自 { $time } 起不再可靠
algorithm-weak = { $algorithm } 不可靠
imprint-matches = 时间戳恰好针对这些数据
imprint-differs = 时间戳针对的是其他数据
issue-settled = { $issue } 不构成影响：已证明签名在 { $time } 已经存在
issue-without-proof = { $issue } 仍然成立：没有可靠的时间戳证明签名何时存在
issue-open = { $issue } 仍然成立，尽管已证明签名在 { $time } 存在
control-time = 对于在 { $time } 已存在的签名，证书已被证明有效
control-time-too-early = 仅对于在 { $time } 已存在的签名，证书才被证明有效
past-path-missing = 任何时候都不存在 { $name } 的有效证书路径
past-status-missing = 没有任何关于 { $name } 的状态信息被证明足够早
past-certificate-unproven = { $name } 的证书未被证明足够早
timestamps-ordered = 每个时间戳均早于涵盖它的时间戳
timestamps-disordered = { $inner } 的时间戳被 { $outer } 的时间戳涵盖
timestamp-there = 签名在 { $time } 已存在
timestamp-absent = 没有可靠的时间戳涵盖该签名
revocation-after-timestamp = 状态在 { $time } 的时间戳之后给出
revocation-before-timestamp = 状态仅在 { $time } 的时间戳之前给出
revocation-soon = 状态在时间戳之后 { $minutes } 分钟给出
revocation-late = 状态在时间戳之后 { $minutes } 分钟才给出
claimed-time-possible = 声称时间为 { $claimed }，已证明时间为 { $proven }
claimed-time-impossible = 声称时间为 { $claimed }，但签名在 { $proven } 已经存在
level-accepted = 级别为 { $level }
level-not-accepted = 级别 { $level } 不在该策略认可之列
certificate-pinned = 您信任的正是这张证书
certificate-not-pinned = 您信任的并非这张证书本身
certificate-qualified = 证书声明为合格证书
certificate-not-qualified = 证书未声明为合格证书

## 各方面的已知情况

signature-unreadable = 签名无法读取
integrity-proven = 被签名的数据未被更改，且签名值相符
identity-bound = 以 { $name } 的密钥签署，签名内已指明
identity-named = 以 { $name } 的密钥签署
identity-claimed = 声称由 { $name } 签署
trust-direct = 签名人的证书为您直接信任
trust-anchored = 证书可追溯到您信任的 { $name }
trust-not-sought = 没有可供查找的证书
revocation-not-sought = 没有可信路径，无从得知
revocation-direct = 您直接信任该证书，故无他人可将其吊销
revocation-exempt = 颁发者不为此类证书发布吊销信息（RFC 9608）
revocation-good = 未被吊销，截至 { $time }
revocation-old = 截至 { $time } 未被吊销，但时间过久，不足为凭
revoked-later = { $name } 已于 { $time } 被吊销，但签名在 { $proven } 已经存在
timestamp-in-past = { $time } 的时间戳早于该时间
timestamp-from-future = { $time } 的时间戳晚于本次验证的时间，因此不能证明任何事项
validation-data-complete = 已全部检查
validation-data-left-out = 在全部检查完之前已达到限额；未检查的部分可能表明某个证书已被吊销
timestamp-purpose-only = { $name } 仅用于时间戳
timestamp-purpose-other = { $name } 并非仅用于时间戳，或未将其标记为关键
time-stamped = 时间戳机构的时钟为 { $time }
time-proven = 签名在 { $time } 已存在，由时间戳证明
time-bracketed = 签署于 { $lower } 与 { $time } 之间，由时间戳证明
time-claimed = 签名人的时钟显示 { $time }；没有任何证明
time-absent = 未注明时间
changes-none = 此签名之后没有添加任何内容
changes-permitted = 之后添加的内容获准，且不改变被签名的内容
changes-overlaid = 所显示的可能不是被签名的内容：{ $what }
changes-suspicious = 签署后被更改：{ $what }{ $more ->
    [0] {""}
   *[other] ，另有 { $more } 处
}
changes-not-analysed = 无法判断之后的更改：{ $why }

## 处理建议

hint-original = 请勿依赖此文件；请向发送方索取原件
hint-supported-format = 请向发送方索取原始文件，或受支持格式的签名
hint-new-signature = 请要求以现行算法重新签署，或提供此签名更早存在的证明
hint-ask-certificate = 请向签名人索取证书
hint-trust-add = 如果您从其他途径确知该证书真实：undersign trust add CERTIFICATE
hint-trust-remove = 如果证书持有人告知密钥已丢失，请将其从信任库中移除
hint-ask-issuer = 请询问证书颁发者
hint-ask-signer = 请签名人重新签署
hint-check-clock = 请检查本机时钟，或以 --at 指定的时间
hint-proof-of-time = 若能证明签名早于证书失效（时间戳），即可解决
hint-revocation-data = 颁发者可以说明证书是否已被吊销
hint-timestamp = 只有独立机构的时间戳才能证明签署时间
hint-timestamp-not-good = 文件带有时间戳，但未能证明其可靠
hint-compare-revision = 请提取并阅读被签名的版本，加以比较
hint-compare-and-ask = 请提取并阅读被签名的版本，并询问发送方文件为何被更改

## 报告

report-title = 验证报告
headline-unsigned = 未签名
headline-signatures = { $count } 个签名
page = 页
heading-signatures = 签名
heading-timestamps = 时间戳
heading-acceptance = 按现状，谁会接受？
heading-findings = 值得注意之处
heading-dimensions = 已知情况
heading-path = 证书路径
heading-closing = 如何阅读本报告
head-dimension = 方面
head-state = 结论
head-reason = 理由与建议
head-certificate = 证书
head-validity = 有效期
head-status = 状态
head-answer = 回答
head-question = 问题
head-clause = 依据
group-signature = 关于签名的问题
group-path = 关于证书的问题
group-time = 关于时间的问题
closing-words = “已证明”指有现有证据证明；“声称”指仅由签名人声称，没有任何证明；“未知”指从现有资料无法得知，并不等于错误；“被推翻”指与现有证据相矛盾。
closing-clock = 本报告说明截至验证时间，由文件、受信任的证书及策略可以得出的结论。之后的信息可能改变未获证明的部分。错误的详细说明以英文给出。
closing-law = 本报告不构成法律意见，且报告本身未经签名。

label-file = 文件
label-kind = 文件类型
label-digest = 摘要值
label-length = 长度
label-validation-time = 验证时间
label-policy = 策略
label-reason = 声称的理由
label-place = 声称的地点
label-format = 格式
label-claimed-time = 声称的时间
label-algorithm = 算法
label-accuracy = 精度
label-tsa-policy = 时间戳机构策略
label-imprint = 消息印记
label-covers = 涵盖
label-covered = 涵盖范围
label-signer = 签名人
label-issuer = 颁发者
label-bracket = 已证明的时间
bytes = { $count } 字节
seconds = { $seconds } 秒
policy-named = { $policy }，版本 { $version }
judged-by = 策略 { $policy }，版本 { $version }，截至 { $time }
container-pdf = PDF，含 { $revisions } 个版本
container-cms = 签名文件（CMS）
container-xml = XML 签名
container-asic = { $kind } 容器，含 { $members } 个文件

kind-signature = 签名
kind-doc-timestamp = 文档时间戳
kind-evidence-record = 证据记录
kind-countersignature = 副签
signature-named = 域“{ $field }”中的{ $kind }
record-named = 文件“{ $field }”中的{ $kind }
signature-place = { $what }，{ $coverage }
covers-file = 涵盖整个文件
covers-revision = 涵盖文件的第 { $revision } 个版本
covers-content = 涵盖全部内容
covers-members = 涵盖 { $of } 个文件中的 { $covered } 个
covers-parts = 仅涵盖文件的一部分
level-is = 级别 { $level }
signed-by = 签名人：{ $name }
certified-by = 颁发者：{ $name }
bracket-both = 签署于 { $lower } 与 { $upper } 之间，由时间戳证明
bracket-upper = 最迟签署于 { $upper }，由时间戳证明
bracket-lower = 签署于 { $lower } 之后，由时间戳证明；之后多久没有证明

dimension-integrity = 完整性
dimension-identity = 身份
dimension-trust = 信任
dimension-revocation = 吊销
dimension-time = 时间
dimension-changes = 更改
state-proven = 已证明
state-claimed = 声称
state-unknown = 未知
state-broken = 被推翻
answer-yes = 是
answer-no = 否
answer-warn = 警告
answer-inform = 提示
severity-error = 错误（详情为英文）
severity-warning = 警告（详情为英文）
severity-info = 提示（详情为英文）

certificate-validity = 有效期自 { $from } 至 { $to }，序列号 { $serial }
status-anchor = 信任锚：为您所信任
status-direct = 您信任的正是这张证书
status-exempt = 颁发者不发布吊销信息
status-good = 未被吊销，截至 { $time }
status-revoked = 已于 { $time } 被吊销（{ $reason }）
status-unknown = 是否被吊销未知

## 签名的总体结论

amounts-passed = 策略的要求全部满足：“{ $name }” 已签署，且被签名的内容未被更改。签署时间没有证明。
amounts-passed-at = 策略的要求全部满足：“{ $name }” 最迟于 { $time } 签署，且被签名的内容未被更改。
amounts-passed-reserved = 策略的要求全部满足，但并非一切都已证明；请留意下表。
amounts-timestamp = 策略的要求全部满足：时间戳可靠，其涵盖的内容未被更改。
amounts-evidence-record = 策略的要求全部满足：证据记录可靠，其涵盖的内容在其首个时间戳所示的时间已经存在，且未被更改。
amounts-undecided = 既未证明，也未推翻：{ $why }。
amounts-failed = 请勿依赖此签名：{ $why }。
token-good = 可靠：“{ $name }” 证明其涵盖的内容在 { $time } 已存在。
token-undecided = 既未证明，也未推翻，故在此不能证明任何事：{ $why }。
token-failed = 请勿依赖此时间戳：{ $why }。
because-format-failure = 其格式不合规范，或其涵盖的内容被以不获准的方式更改或添加
because-hash-failure = 被签名的数据在签署后被更改
because-sig-crypto-failure = 签名值与签名人的密钥不符
because-revoked = 签署时证书已被吊销
because-expired = 签署时证书已过期
because-not-yet-valid = 签署时证书尚未生效
because-sig-constraints-failure = 签名不符合策略要求，或无法完整判断
because-chain-constraints-failure = 证书不得用于此用途
because-certificate-chain-general-failure = 未能完成对证书的检查
because-crypto-constraints-failure = 签署时所用算法已不可靠
because-crypto-constraints-failure-no-poe = 所用算法不可靠，且没有证明表明签署时该算法仍然可靠
because-timestamp-order-failure = 各时间戳的先后顺序不可能成立
because-no-signing-certificate-found = 无法确定由哪张证书签署
because-no-certificate-chain-found = 没有您信任的机构为该证书担保
because-revoked-no-poe = 证书已被吊销，且没有证明表明签名更早
because-revoked-ca-no-poe = 颁发者的证书已被吊销，且没有证明表明签名更早
because-out-of-bounds-not-revoked = 证书此时不在有效期内；证书未被吊销，但没有证明表明签名更早
because-out-of-bounds-no-poe = 证书此时不在有效期内，且没有证明表明签名更早
because-no-poe = 没有证明表明其足够早
because-try-later = 某张证书的状态未知；更新的吊销信息或可说明
because-signed-data-not-found = 没有被签名的数据，或无法对其进行检查

## 时间戳

token-of = { $time } 的{ $role }
role-content = 内容时间戳
role-signature = 签名时间戳
role-references = 签名及引用时间戳
role-archive = 归档时间戳
role-document = 文档时间戳
role-evidence-record = 证据记录的时间戳
token-covers-file = 除其自身以外的整个文件
token-covers-prefix = 文件第 { $end } 字节之前的内容，其自身除外
token-covers-objects = { $signatures } 个签名，{ $others } 项其他对象（证书、吊销信息、时间戳）

## 谁会接受

accepts = 会接受
accepts-not = 不会接受
accept-depends = 视情况而定
accept-known = { $source }（{ $date }，{ $confidence }）
confidence-documented = 有文档依据
confidence-observed = 经过试验
confidence-judged = 属于推断，可能有误
accept-broken = 有签名未通过（{ $issue }）
accept-not-judged = 其对该格式签名的判断；此处未对该格式作出判断
accept-container = 不接受 { $container } 类型的文件
accept-format = 不判断格式为 { $format } 的签名，而显示为未知或无效
accept-level = 级别为 { $level }；要求为 { $wanted }
accept-level-none = 签名不属于任何基线级别；要求为 { $wanted }
accept-trust = { $name } 能否追溯到其信任列表（{ $list }）中的证书；该列表不在手头
accept-revoked = 有证书已被吊销
accept-revocation-unknown = 文件中的吊销信息是否满足其要求
accept-revocation-missing = 文件不含吊销信息，而其也不另行获取
accept-revocation-network = 联网查询时颁发者对吊销状态的答复
accept-revocation-before = 证书状态在 { $time } 的时间戳之前给出
accept-revocation-late = 证书状态在 { $time } 的时间戳之后 { $minutes } 分钟才给出
accept-digest = 签名依赖 { $algorithm }
accept-later-changes = 签名之后文件有后续内容；如何显示须由其用户自行查看
