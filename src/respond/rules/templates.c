/* SPDX-License-Identifier: Apache-2.0 */
#include "respond/rules/templates.h"

/* The macros write the texts into their JSON as they are: no character may need escaping there. */
#define RAW(language, text)                                                                        \
	"{\"type\":\"text\",\"text\":\"" text "\",\"language\":\"" language "\"}"
#define VIEW(literal) {literal, sizeof(literal) - 1}
#define TEMPLATE(id, language, text)                                                               \
	{VIEW(id), VIEW(language), VIEW(text), VIEW(RAW(language, text))}

static const struct pal_template shipped[] = {
	TEMPLATE("order_inquiry", "en",
		 "I can help you with your order. Could you please give me your order number?"),
	TEMPLATE("support", "en",
		 "I'm here to help. Please describe the problem you are having, and I'll do my "
		 "best to solve it."),
	TEMPLATE("goodbye", "en",
		 "Thank you for getting in touch. Goodbye, and have a nice day!"),
	TEMPLATE("greeting", "en", "Hello! How can I help you today?"),
	TEMPLATE("media", "en",
		 "Thank you, I have received your file. What would you like me to do with it?"),
	TEMPLATE("location", "en",
		 "Thank you for sharing your location. How can I help you there?"),
	TEMPLATE("default", "en", "Thank you for your message. How can I help you?"),

	TEMPLATE("order_inquiry", "es",
		 "Puedo ayudarle con su pedido. ¿Podría indicarme su número de pedido, por "
		 "favor?"),
	TEMPLATE("support", "es",
		 "Estoy aquí para ayudarle. Describa, por favor, el problema que tiene y haré "
		 "todo lo posible por resolverlo."),
	TEMPLATE("goodbye", "es",
		 "Gracias por contactar con nosotros. ¡Adiós y que tenga un buen día!"),
	TEMPLATE("greeting", "es", "¡Hola! ¿En qué puedo ayudarle hoy?"),
	TEMPLATE("media", "es", "Gracias, he recibido su archivo. ¿Qué desea que haga con él?"),
	TEMPLATE("location", "es",
		 "Gracias por compartir su ubicación. ¿En qué puedo ayudarle allí?"),
	TEMPLATE("default", "es", "Gracias por su mensaje. ¿En qué puedo ayudarle?"),

	TEMPLATE("order_inquiry", "fr",
		 "Je peux vous aider pour votre commande. Pourriez-vous me donner votre numéro "
		 "de commande, s’il vous plaît ?"),
	TEMPLATE("support", "fr",
		 "Je suis là pour vous aider. Décrivez-moi le problème que vous rencontrez et "
		 "je ferai de mon mieux pour le résoudre."),
	TEMPLATE("goodbye", "fr", "Merci de nous avoir contactés. Au revoir et bonne journée !"),
	TEMPLATE("greeting", "fr", "Bonjour ! Comment puis-je vous aider aujourd’hui ?"),
	TEMPLATE("media", "fr",
		 "Merci, j’ai bien reçu votre fichier. Que souhaitez-vous que j’en fasse ?"),
	TEMPLATE("location", "fr",
		 "Merci d’avoir partagé votre position. Comment puis-je vous aider sur place ?"),
	TEMPLATE("default", "fr", "Merci pour votre message. Comment puis-je vous aider ?"),

	TEMPLATE("order_inquiry", "de",
		 "Gern helfe ich Ihnen mit Ihrer Bestellung. Können Sie mir bitte Ihre "
		 "Bestellnummer nennen?"),
	TEMPLATE("support", "de",
		 "Ich helfe Ihnen gern. Bitte beschreiben Sie das Problem, dann suche ich nach "
		 "einer Lösung."),
	TEMPLATE("goodbye", "de",
		 "Vielen Dank für Ihre Nachricht. Auf Wiedersehen und einen schönen Tag!"),
	TEMPLATE("greeting", "de", "Hallo! Wie kann ich Ihnen heute helfen?"),
	TEMPLATE("media", "de",
		 "Vielen Dank, ich habe Ihre Datei erhalten. Was soll ich damit tun?"),
	TEMPLATE("location", "de",
		 "Vielen Dank für Ihren Standort. Wie kann ich Ihnen dort helfen?"),
	TEMPLATE("default", "de", "Vielen Dank für Ihre Nachricht. Wie kann ich Ihnen helfen?"),

	TEMPLATE("order_inquiry", "it",
		 "Posso aiutarla con il suo ordine. Potrebbe indicarmi il numero dell’ordine, "
		 "per favore?"),
	TEMPLATE("support", "it",
		 "Sono qui per aiutarla. Descriva il problema che ha riscontrato e farò del "
		 "mio meglio per risolverlo."),
	TEMPLATE("goodbye", "it", "Grazie per averci contattato. Arrivederci e buona giornata!"),
	TEMPLATE("greeting", "it", "Salve! Come posso aiutarla oggi?"),
	TEMPLATE("media", "it",
		 "Grazie, ho ricevuto il suo file. Che cosa desidera che ne faccia?"),
	TEMPLATE("location", "it",
		 "Grazie per aver condiviso la sua posizione. Come posso aiutarla lì?"),
	TEMPLATE("default", "it", "Grazie per il suo messaggio. Come posso aiutarla?"),

	TEMPLATE("order_inquiry", "pt",
		 "Posso ajudar com o seu pedido. Poderia informar o número do pedido, por "
		 "favor?"),
	TEMPLATE("support", "pt",
		 "Estou aqui para ajudar. Por favor, descreva o problema e farei o possível "
		 "para resolvê-lo."),
	TEMPLATE("goodbye", "pt", "Obrigado pelo seu contato. Até logo e tenha um bom dia!"),
	TEMPLATE("greeting", "pt", "Olá! Como posso ajudar hoje?"),
	TEMPLATE("media", "pt",
		 "Obrigado, recebi o seu arquivo. O que deseja que eu faça com ele?"),
	TEMPLATE("location", "pt",
		 "Obrigado por compartilhar a sua localização. Como posso ajudar aí?"),
	TEMPLATE("default", "pt", "Obrigado pela sua mensagem. Como posso ajudar?"),

	TEMPLATE("order_inquiry", "ja", "ご注文についてお手伝いします。ご注文番号を教えていただけますか？"),
	TEMPLATE("support", "ja", "お手伝いいたします。お困りの内容を詳しく教えてください。"),
	TEMPLATE("goodbye", "ja", "お問い合わせありがとうございました。良い一日をお過ごしください。"),
	TEMPLATE("greeting", "ja", "こんにちは。本日はどのようなご用件でしょうか？"),
	TEMPLATE("media", "ja", "ファイルを受け取りました。ありがとうございます。どのようにいたしましょうか？"),
	TEMPLATE("location", "ja", "位置情報をありがとうございます。どのようなご用件でしょうか？"),
	TEMPLATE("default", "ja", "メッセージをありがとうございます。どのようなご用件でしょうか？"),

	TEMPLATE("order_inquiry", "ko", "주문 관련하여 도와드리겠습니다. 주문 번호를 알려 주시겠어요?"),
	TEMPLATE("support", "ko", "도와드리겠습니다. 어떤 문제가 있는지 자세히 설명해 주세요."),
	TEMPLATE("goodbye", "ko", "문의해 주셔서 감사합니다. 좋은 하루 보내세요!"),
	TEMPLATE("greeting", "ko", "안녕하세요! 무엇을 도와드릴까요?"),
	TEMPLATE("media", "ko", "파일을 잘 받았습니다. 감사합니다. 어떻게 도와드릴까요?"),
	TEMPLATE("location", "ko", "위치를 공유해 주셔서 감사합니다. 무엇을 도와드릴까요?"),
	TEMPLATE("default", "ko", "메시지를 보내 주셔서 감사합니다. 무엇을 도와드릴까요?"),

	TEMPLATE("order_inquiry", "zh", "我可以帮您查询订单。请问您的订单号是多少？"),
	TEMPLATE("support", "zh", "我很乐意为您提供帮助。请描述一下您遇到的问题。"),
	TEMPLATE("goodbye", "zh", "感谢您的联系。再见，祝您愉快！"),
	TEMPLATE("greeting", "zh", "您好！请问有什么可以帮您？"),
	TEMPLATE("media", "zh", "已收到您的文件，谢谢。请问您希望如何处理？"),
	TEMPLATE("location", "zh", "感谢您分享位置。请问有什么可以帮您？"),
	TEMPLATE("default", "zh", "感谢您的留言。请问有什么可以帮您？"),
};

bool pal_template_shipped(struct pal_str id, struct pal_str language, struct pal_template *ret)
{
	for (size_t i = 0; i < sizeof(shipped) / sizeof(shipped[0]); i++) {
		if (!pal_str_equal(shipped[i].id, id) ||
		    !pal_str_equal(shipped[i].language, language))
			continue;
		*ret = shipped[i];
		return true;
	}
	return false;
}
