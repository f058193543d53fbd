/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What palaver knows about words. First what they mean (domain.md sections 2.3 and 4.2, with the
 * same for the other languages that replies are written in), then which languages they belong to.
 * A word that several languages have stands in the list of each: the vote counts it by its rarity.
 */
#include "process/text/lexicon.h"

#define EN (1 << PAL_VOTE_EN)
#define ES (1 << PAL_VOTE_ES)
#define FR (1 << PAL_VOTE_FR)
#define DE (1 << PAL_VOTE_DE)
#define IT (1 << PAL_VOTE_IT)
#define PT (1 << PAL_VOTE_PT)

#define HIT(h, w) {{.hit = (h)}, w}
#define ROLE(r, w) {{.roles = (r)}, w}
#define OPENS(x, w) {{.opens = (x)}, w}
#define CLOSES(x, w) {{.closes = (x)}, w}
#define FUNCTION(l, w) {{.languages = (l), .function_in = (l)}, w}
#define COMMON(l, w) {{.languages = (l)}, w}

const struct pal_word_list pal_word_lists[] = {
	/* Intents. */
	HIT(PAL_HIT_ORDER,
		"order orders ordered ordering pedido pedidos encargo commande commandes "
		"commandé bestellung bestellungen bestellt ordine ordini encomenda encomendas 订单 "
		"訂單 订购 注文 주문"),
	HIT(PAL_HIT_PURCHASE,
		"purchase purchases purchased compra compras achat achats kauf gekauft einkauf "
		"acquisto acquisti 购买 購入 구매"),
	HIT(PAL_HIT_CHECKOUT,
		"checkout 结账 結帳"),
	HIT(PAL_HIT_INVOICE,
		"invoice invoices factura facturas facture factures rechnung rechnungen fattura "
		"fatture fatura faturas 发票 發票 請求書 청구서"),
	HIT(PAL_HIT_PAYMENT,
		"payment payments pago pagos paiement paiements zahlung zahlungen bezahlung "
		"pagamento pagamenti pagamentos 付款 支付 支払 결제"),
	HIT(PAL_HIT_DELIVERY,
		"delivery deliveries entrega entregas envío envio livraison livraisons lieferung "
		"lieferungen consegna consegne spedizione 配送 发货 送货 快递 배송 배달"),
	HIT(PAL_HIT_TRACKING,
		"tracking seguimiento suivi sendungsverfolgung tracciamento rastreamento "
		"rastreio 追跡 物流 추적"),
	HIT(PAL_HIT_HELP,
		"help ayuda ayudar ayúdame aide aider aidez hilfe helfen aiuto aiutare aiutarmi "
		"aiutami ajuda ajudar 帮助 幫助 帮忙 助け 手伝 ヘルプ 도움 도와"),
	HIT(PAL_HIT_SUPPORT,
		"support soporte kundendienst supporto suporte 客服 サポート 지원"),
	HIT(PAL_HIT_PROBLEM,
		"problem problems problema problemas problème problèmes probleme problemi "
		"schwierigkeiten 问题 問題 문제"),
	HIT(PAL_HIT_ISSUE,
		"issue issues incidencia"),
	HIT(PAL_HIT_ERROR,
		"error errors errores erreur erreurs fehler fehlermeldung errore errori erro "
		"erros 错误 錯誤 エラー 오류"),
	HIT(PAL_HIT_BUG,
		"bug bugs"),
	HIT(PAL_HIT_BROKEN,
		"broken roto rota cassé cassée kaputt defekt rotto rotta quebrado quebrada 故障 壊れ "
		"고장"),
	HIT(PAL_HIT_ASSISTANCE,
		"assistance asistencia assistenza assistência assistencia unterstützung"),
	HIT(PAL_HIT_GOODBYE,
		"goodbye bye adiós adios tschüss tschüß tschuss wiedersehen arrivederci tchau "
		"adeus 再见 再見 さよう 안녕히"),
	HIT(PAL_HIT_HELLO,
		"hello hola bonjour bonsoir hallo buongiorno buonasera olá ola 你好 您好 んにち んばん はよう "
		"안녕"),
	HIT(PAL_HIT_HI,
		"hi hey salut coucou servus moin ciao salve oi"),

	OPENS(PAL_PHRASE_NOT_WORKING | PAL_PHRASE_CANNOT,
		"'t cannot cant"),
	OPENS(PAL_PHRASE_NOT_WORKING,
		"not isnt wasnt arent doesnt dont didnt wont stopped"),
	CLOSES(PAL_PHRASE_NOT_WORKING,
		"work works working"),
	CLOSES(PAL_PHRASE_CANNOT,
		"login log access sign connect open"),
	OPENS(PAL_PHRASE_SEE_YOU,
		"see au bis hasta até ate nos"),
	CLOSES(PAL_PHRASE_SEE_YOU,
		"you ya revoir bald dann luego pronto mañana logo amanhã vemos"),
	OPENS(PAL_PHRASE_GOOD_DAY,
		"good guten bom boa buenos buenas buon buona"),
	CLOSES(PAL_PHRASE_GOOD_DAY,
		"morning afternoon evening day tag morgen abend dia tarde noite días dias tardes "
		"noches giorno sera pomeriggio"),
	OPENS(PAL_PHRASE_NO_FUNCTION,
		"no non não nao marche fonctionne funktioniert geht"),
	CLOSES(PAL_PHRASE_NO_FUNCTION,
		"funciona funcionan funcionam funziona funzionano pas nicht"),

	/* Categories. */
	ROLE(PAL_LEXEME_BUSINESS,
		"order orders purchase purchases buy sell price prices cost costs payment "
		"payments invoice invoices"),
	ROLE(PAL_LEXEME_SUPPORT,
		"help support problem problems issue issues error errors bug bugs question "
		"questions"),
	ROLE(PAL_LEXEME_TECHNICAL,
		"api code software application system database"),
	ROLE(PAL_LEXEME_URGENT,
		"urgent emergency asap immediately critical"),

	/* Safety, sentiment, money. */
	ROLE(PAL_LEXEME_SPAM,
		"spam scam fraud phishing"),
	ROLE(PAL_LEXEME_POSITIVE,
		"good great excellent amazing wonderful fantastic love perfect awesome happy "
		"thanks pleased satisfied helpful best nice"),
	ROLE(PAL_LEXEME_NEGATIVE,
		"bad terrible awful horrible hate worst angry disappointed frustrated useless "
		"poor broken annoying unhappy wrong unacceptable"),
	ROLE(PAL_LEXEME_CURRENCY,
		"dollar dollars pound pounds euro euros yen"),

	/* Very common, never a keyword. */
	ROLE(PAL_LEXEME_STOP,
		"good great nice best better able sure okay many much same different last next "
		"first second little long full every another also even ever never always already "
		"really quite rather please thanks thank hello want wants wanted would need "
		"needs make made know like going"),

	/* Which language. */
	{{.roles = PAL_LEXEME_STOP, .languages = EN, .function_in = EN},
	 "a about above after again against all also am an and any are arent as at be because "
	 "been before being below between both but by can cannot cant could couldn did didnt do "
	 "does doesnt doing done dont down during each either else for from further get gets "
	 "getting got had has have having he her here hers herself him himself his how however i "
	 "if im in into is isnt it its itself ive just let lets may me might mine more most must "
	 "my myself no none nor not nothing now of off often on once one only onto or other "
	 "others ought our ours ourselves out over own shall she should since so some someone "
	 "something still such than that thats the their theirs them themselves then there these "
	 "they thing things this those though through till to too under unless until up upon us "
	 "very via was wasnt we well were what whatever whats when where whether which while who "
	 "whom whose why will with within without wont yes yet you your youre yours yourself 't "
	 "'ll 're 've 'm 's 'd couldn didn doesn hadn hasn haven isn mustn shouldn wasn weren "
	 "wouldn"},
	COMMON(EN,
		"hello hi hey thanks thank please help good morning afternoon evening goodbye "
		"bye order card account money bank cash payment transfer check status need want "
		"like would know make made think thought see look looking find give tell work "
		"working call try trying ask use used using buy send sent receive received "
		"delivery back new first last next day days week time long still great right "
		"wrong much many way able how yeah okay sure sorry could correct add change "
		"cancel charge charged fee refund price free small medium large hot iced milk "
		"coffee tea two three today tomorrow password login cant phone address name lost "
		"stolen open close question problem information track tracking see later welcome "
		"nice every people really always never yep yup absolutely perfect transaction "
		"failed unknown direct deposit"),
	FUNCTION(ES,
		"a al algo algún alguna ante antes aquí asi así aun aún cada como cómo con cual "
		"cuál cuando cuándo cuanto cuánto de del desde donde dónde durante e el él ella "
		"ellas ellos en entre era eres es esa ese eso esta está están estar estas este "
		"esto estos estoy fue ha hace hacer han has hasta hay he hemos la las le les lo "
		"los más mas me mi mis mucho muchos muy nada ni no nos nosotros nuestro o os "
		"otra otro para pero poco por porque porqué pues puede puedo que qué quien quién "
		"quiero se sea ser si sí sin sobre son soy su sus también tan te tengo tiene "
		"todo todos tu tú tus un una unos usted ustedes y ya yo"),
	COMMON(ES,
		"hola gracias por favor buenos buenas días dias tardes noches ayuda ayudar "
		"pedido cuenta tarjeta dinero pago factura envío necesito quisiera gustaría "
		"saber problema adiós adios luego hoy mañana ayer bien vale llegar llegado "
		"puedes podría dónde cambiar comprar contraseña entrar iniciar sesión ayúdame "
		"cliente enviar recibido funciona gato casa tiempo muchas estado leche cuesta "
		"cancelar"),
	FUNCTION(FR,
		"a à afin ai aie alors après as au aucun aussi autre aux avant avec avez avoir "
		"avons c' ça car ce ceci cela celle celui ces cet cette chez ci comme comment d' "
		"dans de depuis des deux donc dont du elle elles en encore entre es est et étais "
		"était être eu fait faire fois font il ils j' je jusqu' l' la là le les leur "
		"leurs lors lui m' ma mais me même mes moi moins mon n' ne ni nos notre nous on "
		"ont ou où par parce pas pendant peu peut peux plus pour pourquoi puis qu' quand "
		"que quel quelle quels qui quoi s' sa sans se ses si son sont sous suis sur t' "
		"ta te tes toi ton tous tout toute très trop tu un une vers vos votre vous "
		"voudrais y"),
	COMMON(FR,
		"bonjour bonsoir salut merci plaît plait aide aider besoin commande compte carte "
		"argent paiement facture livraison problème aujourd'hui demain hier oui non bien "
		"voir savoir veux vouloir pouvez pourriez reçu colis passe connecter mot chat "
		"maison temps jour revoir arrivé bientôt désolé aimerais état numéro"),
	FUNCTION(DE,
		"ab aber alle allem allen aller alles als also am an auch auf aus bei beim bin "
		"bis bist da damit dann das dass dein deine dem den denn der des dich die dies "
		"diese diesem diesen dieser dieses dir doch dort du durch ein eine einem einen "
		"einer eines er es etwas euch euer für gegen gibt habe haben hat hatte hier "
		"hinter ich ihm ihn ihnen ihr ihre im in ins ist ja jede jeder jetzt kann kannst "
		"kein keine können könnte man mehr mein meine meinem meinen meiner mich mir mit "
		"muss nach nicht nichts noch nun nur ob oder ohne sehr sein seine seit sich sie "
		"sind so soll sollte über um und uns unser unter vom von vor wann war warum was "
		"weil welche wenn wer werden wie wieder will wir wird wo wurde würde zu zum zur "
		"zwischen fuer koennen ueber"),
	COMMON(DE,
		"hallo guten tag morgen abend danke bitte hilfe helfen bestellung konto karte "
		"geld zahlung rechnung lieferung brauche möchte moechte will problem heute "
		"gestern nein tschüss wiedersehen passwort anmelden einloggen funktioniert geht "
		"gut vielen dank kunde paket bestellen angekommen erhalten wissen machen haus "
		"katze zeit schön viel leider schon moin gern gerne meinem status"),
	FUNCTION(IT,
		"a ad agli ai al alla alle allo anche ancora avere aveva c' che chi ci ciò come "
		"con cosa così cui d' da dagli dai dal dalla dalle degli dei del dell' della "
		"delle dello di dopo dove dov' due e è ed era erano essere fa fare fatto fino "
		"fra gli ha hai hanno ho i il in io l' la le lei li lo loro lui ma me mi mia mie "
		"miei mio molto ne negli nei nel nell' nella nelle nessun noi non nostro nulla o "
		"ogni oppure per perché perche più piu po poi posso può qual quale quali quando "
		"quanto quel quella quelle quelli quello questa queste questi questo qui se sei "
		"si sì sia siamo siete solo sono sopra sta stato su sua sue sugli sul sull' "
		"sulla suo suoi te ti tra tu tua tuo tutti tutto un un' una uno vi voi vorrei "
		"vostro"),
	COMMON(IT,
		"ciao buongiorno buonasera salve grazie prego per favore aiuto aiutare aiutarmi "
		"ordine conto carta soldi pagamento fattura consegna spedizione problema oggi "
		"domani ieri bene bisogno sapere voglio potete arrivederci arrivato accedere "
		"funziona ricevuto casa gatto tempo giorno mille scusi scusa cliente pacco "
		"riesco successo stato quanto ancora buona buono sera costa"),
	FUNCTION(PT,
		"a à ao aos aquela aquele aqui as às até ate com como da das de dela dele depois "
		"do dos e é ela elas ele eles em entre era essa esse esta está estão estar estas "
		"este estes estou eu foi foram há isso isto já lhe mais mas me mesmo meu meus "
		"minha minhas muito muitos na não nao nas nem no nos nós nossa nosso num numa o "
		"onde os ou para pela pelo pelos pode podem por porque posso pra qual quais "
		"quando quanto que quem quero se seja sem ser será seu seus só sobre sou sua "
		"suas também tambem te tem têm tenho ter teu tinha tu tua tudo um uma umas uns "
		"você voce vocês vou"),
	COMMON(PT,
		"olá ola oi bom boa dia tarde noite obrigado obrigada por favor ajuda ajudar "
		"pedido encomenda conta cartão cartao dinheiro pagamento fatura entrega preciso "
		"gostaria saber problema hoje amanhã ontem bem tchau adeus senha entrar consigo "
		"chegou recebi comprar cliente funciona quanto casa gato tempo sim muito fazer "
		"estado ainda enviar custa frete água cancelar"),
};

const size_t pal_word_list_count = sizeof(pal_word_lists) / sizeof(pal_word_lists[0]);
