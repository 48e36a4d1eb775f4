package text

// russianIntegrity holds the texts of the page about the integrity of the node.
var russianIntegrity = catalogue{
	"integrity.title":      "Целостность",
	"integrity.problems":   "Неполадки узла",
	"integrity.chain":      "Цепочка и конец журнала",
	"integrity.chain.text": "Каждая фиксация содержит SHA-256 предыдущей. Конец журнала записан в отдельный файл, чтобы обнаружить журнал, потерявший свой конец.",
	"integrity.stream":     "Сообщение",
	"integrity.hash":       "SHA-256 фиксации",
	"integrity.end":        "Последняя фиксация",
	"integrity.head":       "Файл конца",
	"integrity.behind":     "Файл конца записывается после группы фиксаций, поэтому он может отставать на несколько фиксаций.",
	"integrity.ledger":     "Журнал",

	"verification.title":     "Последняя проверка",
	"verification.text":      "Проверка читает весь журнал, доказывает цепочку, заново решает каждую команду и сравнивает строки узла со второй свёрткой журнала.",
	"verification.none":      "нет",
	"verification.none.text": "С запуска узла журнал не проверялся.",
	"verified.running":       "идёт",
	"verified.intact":        "цел",
	"verified.damaged":       "повреждён",
	"verified.damaged.text":  "Журнал, решение или строки повреждены. Остановите узел и выполните authledger verify в его каталоге: команда выведет место повреждения.",
	"verified.failed":        "не удалась",
	"verified.failed.text":   "Проверка не смогла прочитать весь журнал. Причина записана в протоколе узла.",
	"verification.since":     "Идёт с",
	"verification.reload":    "Страница обновляется сама, пока проверка не закончится.",
	"verification.ended":     "Закончена",
	"verification.upto":      "Цел до записи",
	"verification.record":    "Записано в",
	"verification.all":       "Записи всех проверок",
	"verification.button":    "Проверить сейчас",

	"scrub.title":    "Фоновая сверка",
	"scrub.text":     "Во время работы узел снова и снова читает журнал и сравнивает с ним свои строки.",
	"scrub.progress": "Запись %[1]s из %[2]s в этом круге (%[3]s %%)",
	"scrub.between":  "Все записи прочитаны без повреждений. Следующий круг начнётся в течение шести часов.",
	"scrub.rounds":   "Круги по журналу без повреждений, с запуска",
	"scrub.compared": "Сверки строк без расхождений",

	"files.title":     "Файлы и ключи",
	"files.log":       "Файлы журнала",
	"files.size":      "Размер журнала",
	"files.keys":      "Ключи персональных данных",
	"files.keys.text": "У каждого пользователя свой ключ. Стирание данных уничтожает его.",

	"projections.title": "Проекции",
	"projections.text":  "Строки, из которых узел отвечает на запросы, и их версии. Узел с другими версиями сворачивает журнал заново. Каталог строк:",

	"tile.verification":      "Последняя проверка",
	"tile.verification.none": "с запуска узла",
	"tile.verification.note": "%[1]s",
	"tile.verification.upto": "до записи %[1]s, %[2]s",

	"failure.task":      "Журнал читает другая задача",
	"failure.task.text": "Узел выполняет одну проверку, перестройку или пробу правил за раз. Повторите, когда она закончится.",

	"unit.mib": "%[1]s МиБ",

	"chain.commit":   "SHA-256 фиксации",
	"chain.before":   "SHA-256 предыдущей фиксации",
	"chain.genesis":  "SHA-256 идентификатора журнала, так как это первая фиксация",
	"chain.previous": "последняя запись предыдущей фиксации",

	"follow.start":   "Следить за новыми",
	"follow.pause":   "Пауза",
	"follow.new":     "Новых записей: {0}",
	"follow.skipped": "Зафиксировано больше записей, чем помещается на странице.",
	"follow.reload":  "Обновите страницу, чтобы увидеть новые записи.",

	"classes.title":      "Активные устройства по классам",
	"classes.text":       "Устройства всех пользователей, подсчитаны %[1]s.",
	"classes.none":       "Активных устройств нет.",
	"tile.webhooks":      "Сбои вебхуков",
	"tile.webhooks.note": "из %[1]s адресов",
}
