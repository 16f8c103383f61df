"""The months of seventy locales of CLDR, folded, as babel has them: a test compares the two.

Babel loads the locales of one script in 0.3 s, and each process would that meets a word which is no
month beside a number.
"""

from __future__ import annotations

from typing import Final

MONTH_NAMES: Final = {
    "en": (
        "1 january jan 2 february feb 3 march mar 4 april apr 5 may 6 june jun 7 july jul 8 "
        "august aug 9 september sep 10 october oct 11 november nov 12 december dec"
    ),
    "de": (
        "1 januar jan 2 februar feb 3 marz mar 4 april apr 5 mai 6 juni jun 7 juli jul 8 "
        "august aug 9 september sept sep 10 oktober okt 11 november nov 12 dezember dez"
    ),
    "de_AT": (
        "1 janner jan 2 februar feb 3 marz mar 4 april apr 5 mai 6 juni jun 7 juli jul 8 "
        "august aug 9 september sep 10 oktober okt 11 november nov 12 dezember dez"
    ),
    "fr": (
        "1 janvier janv 2 fevrier fevr 3 mars 4 avril avr 5 mai 6 juin 7 juillet juil 8 aout "
        "9 septembre sept 10 octobre oct 11 novembre nov 12 decembre dec"
    ),
    "es": (
        "1 enero ene 2 febrero feb 3 marzo mar 4 abril abr 5 mayo may 6 junio jun 7 julio jul "
        "8 agosto ago 9 septiembre sept 10 octubre oct 11 noviembre nov 12 diciembre dic"
    ),
    "pt": (
        "1 janeiro jan 2 fevereiro fev 3 marco mar 4 abril abr 5 maio mai 6 junho jun 7 julho "
        "jul 8 agosto ago 9 setembro set 10 outubro out 11 novembro nov 12 dezembro dez"
    ),
    "it": (
        "1 gennaio gen 2 febbraio feb 3 marzo mar 4 aprile apr 5 maggio mag 6 giugno giu 7 "
        "luglio lug 8 agosto ago 9 settembre set 10 ottobre ott 11 novembre nov 12 dicembre "
        "dic"
    ),
    "nl": (
        "1 januari jan 2 februari feb 3 maart mrt 4 april apr 5 mei 6 juni jun 7 juli jul 8 "
        "augustus aug 9 september sep 10 oktober okt 11 november nov 12 december dec"
    ),
    "da": (
        "1 januar jan 2 februar feb 3 marts mar 4 april apr 5 maj 6 juni jun 7 juli jul 8 "
        "august aug 9 september sep 10 oktober okt 11 november nov 12 december dec"
    ),
    "no": (
        "1 januar jan 2 februar feb 3 mars mar 4 april apr 5 mai 6 juni jun 7 juli jul 8 "
        "august aug 9 september sep 10 oktober okt 11 november nov 12 desember des"
    ),
    "sv": (
        "1 januari jan 2 februari feb 3 mars 4 april apr 5 maj 6 juni 7 juli 8 augusti aug 9 "
        "september sep 10 oktober okt 11 november nov 12 december dec"
    ),
    "fi": (
        "1 tammikuuta tammi tammikuu 2 helmikuuta helmi helmikuu 3 maaliskuuta maalis "
        "maaliskuu 4 huhtikuuta huhti huhtikuu 5 toukokuuta touko toukokuu 6 kesakuuta kesa "
        "kesakuu 7 heinakuuta heina heinakuu 8 elokuuta elo elokuu 9 syyskuuta syys syyskuu "
        "10 lokakuuta loka lokakuu 11 marraskuuta marras marraskuu 12 joulukuuta joulu "
        "joulukuu"
    ),
    "is": (
        "1 januar jan 2 februar feb 3 mars mar 4 april apr 5 mai 6 juni jun 7 juli jul 8 "
        "agust agu 9 september sep 10 oktober okt 11 november nov 12 desember des"
    ),
    "pl": (
        "1 stycznia sty styczen 2 lutego lut luty 3 marca mar marzec 4 kwietnia kwi kwiecien "
        "5 maja maj 6 czerwca cze czerwiec 7 lipca lip lipiec 8 sierpnia sie sierpien 9 "
        "wrzesnia wrz wrzesien 10 pazdziernika paz pazdziernik 11 listopada lis listopad 12 "
        "grudnia gru grudzien"
    ),
    "cs": (
        "1 ledna led leden 2 unora uno unor 3 brezna bre brezen 4 dubna dub duben 5 kvetna "
        "kve kveten 6 cervna cvn cerven 7 cervence cvc cervenec 8 srpna srp srpen 9 zari zar "
        "10 rijna rij rijen 11 listopadu lis listopad 12 prosince pro prosinec"
    ),
    "sk": (
        "1 januara jan januar 2 februara feb februar 3 marca mar marec 4 aprila apr april 5 "
        "maja maj 6 juna jun 7 jula jul 8 augusta aug august 9 septembra sep september 10 "
        "oktobra okt oktober 11 novembra nov november 12 decembra dec december"
    ),
    "sl": (
        "1 januar jan 2 februar feb 3 marec mar 4 april apr 5 maj 6 junij jun 7 julij jul 8 "
        "avgust avg 9 september sep 10 oktober okt 11 november nov 12 december dec"
    ),
    "hr": (
        "1 sijecnja sij sijecanj 2 veljace velj veljaca 3 ozujka ozu ozujak 4 travnja tra "
        "travanj 5 svibnja svi svibanj 6 lipnja lip lipanj 7 srpnja srp srpanj 8 kolovoza kol "
        "kolovoz 9 rujna ruj rujan 10 listopada lis listopad 11 studenoga stu studeni 12 "
        "prosinca pro prosinac"
    ),
    "bs": (
        "1 januar jan 2 februar feb 3 mart mar 4 april apr 5 maj 6 juni jun 7 juli jul 8 "
        "august aug 9 septembar sep 10 oktobar okt 11 novembar nov 12 decembar dec"
    ),
    "sr_Latn": (
        "1 januar jan 2 februar feb 3 mart mar 4 april apr 5 maj 6 jun 7 jul 8 avgust avg 9 "
        "septembar sep 10 oktobar okt 11 novembar nov 12 decembar dec"
    ),
    "ro": (
        "1 ianuarie ian 2 februarie feb 3 martie mar 4 aprilie apr 5 mai 6 iunie iun 7 iulie "
        "iul 8 august aug 9 septembrie sept 10 octombrie oct 11 noiembrie nov 12 decembrie "
        "dec"
    ),
    "hu": (
        "1 januar jan 2 februar febr 3 marcius marc 4 aprilis apr 5 majus maj 6 junius jun 7 "
        "julius jul 8 augusztus aug 9 szeptember szept 10 oktober okt 11 november nov 12 "
        "december dec"
    ),
    "tr": (
        "1 ocak oca 2 subat sub 3 mart mar 4 nisan nis 5 mayis may 6 haziran haz 7 temmuz tem "
        "8 agustos agu 9 eylul eyl 10 ekim eki 11 kasim kas 12 aralik ara"
    ),
    "lt": (
        "1 sausio saus sausis 2 vasario vas vasaris 3 kovo kov kovas 4 balandzio bal balandis "
        "5 geguzes geg geguze 6 birzelio birz birzelis 7 liepos liep liepa 8 rugpjucio rugp "
        "rugpjutis 9 rugsejo rugs rugsejis 10 spalio spal spalis 11 lapkricio lapkr lapkritis "
        "12 gruodzio gruod gruodis"
    ),
    "lv": (
        "1 janvaris janv 2 februaris febr 3 marts 4 aprilis apr 5 maijs 6 junijs jun 7 julijs "
        "jul 8 augusts aug 9 septembris sept 10 oktobris okt 11 novembris nov 12 decembris "
        "dec"
    ),
    "et": (
        "1 jaanuar jaan 2 veebruar veebr 3 marts 4 aprill apr 5 mai 6 juuni 7 juuli 8 august "
        "aug 9 september sept 10 oktoober okt 11 november nov 12 detsember dets"
    ),
    "sq": (
        "1 janar jan 2 shkurt shk 3 mars mar 4 prill pri 5 maj 6 qershor qer 7 korrik korr 8 "
        "gusht gush 9 shtator sht 10 tetor tet 11 nentor nen 12 dhjetor dhj"
    ),
    "ca": (
        "1 gener gen 2 febrer febr 3 marc 4 d’abril d’abr abril abr 5 maig 6 juny 7 juliol "
        "jul 8 d’agost d’ag agost ag 9 setembre set 10 d’octubre d’oct octubre oct 11 "
        "novembre nov 12 desembre des"
    ),
    "eu": (
        "1 urtarrila urt 2 otsaila ots 3 martxoa mar 4 apirila api 5 maiatza mai 6 ekaina eka "
        "7 uztaila uzt 8 abuztua abu 9 iraila ira 10 urria urr 11 azaroa aza 12 abendua abe"
    ),
    "gl": (
        "1 xaneiro xan 2 febreiro feb 3 marzo mar 4 abril abr 5 maio 6 xuno 7 xullo xul 8 "
        "agosto ago 9 setembro set 10 outubro out 11 novembro nov 12 decembro dec"
    ),
    "ga": (
        "1 eanair ean 2 feabhra feabh 3 marta 4 aibrean aib 5 bealtaine beal 6 meitheamh "
        "meith 7 iuil 8 lunasa lun 9 mfomh 10 fomhair dfomh 11 samhain samh 12 nollaig noll"
    ),
    "cy": (
        "1 ionawr ion 2 chwefror chwef chw 3 mawrth maw 4 ebrill ebr 5 mai 6 mehefin meh 7 "
        "gorffennaf gorff gor 8 awst 9 medi 10 hydref hyd 11 tachwedd tach 12 rhagfyr rhag"
    ),
    "af": (
        "1 januarie jan 2 februarie feb 3 maart mrt 4 april apr 5 mei 6 junie jun 7 julie jul "
        "8 augustus aug 9 september sep 10 oktober okt 11 november nov 12 desember des"
    ),
    "sw": (
        "1 januari jan 2 februari feb 3 machi mac 4 aprili apr 5 mei 6 juni jun 7 julai jul 8 "
        "agosti ago 9 septemba sep 10 oktoba okt 11 novemba nov 12 desemba des"
    ),
    "fil": (
        "1 enero ene 2 pebrero peb 3 marso mar 4 abril abr 5 mayo may 6 hunyo hun 7 hulyo hul "
        "8 agosto ago 9 setyembre set 10 oktubre okt 11 nobyembre nob 12 disyembre dis"
    ),
    "id": (
        "1 januari jan 2 februari feb 3 maret mar 4 april apr 5 mei 6 juni jun 7 juli jul 8 "
        "agustus agu 9 september sep 10 oktober okt 11 november nov 12 desember des"
    ),
    "ms": (
        "1 januari jan 2 februari feb 3 mac 4 april apr 5 mei 6 jun 7 julai jul 8 ogos ogo 9 "
        "september sep 10 oktober okt 11 november nov 12 disember dis"
    ),
    "az": (
        "1 yanvar yan 2 fevral fev 3 mart mar 4 aprel apr 5 may 6 iyun iyn 7 iyul iyl 8 "
        "avqust avq 9 sentyabr sen 10 oktyabr okt 11 noyabr noy 12 dekabr dek"
    ),
    "uz": (
        "1 yanvar yan 2 fevral fev 3 mart mar 4 aprel apr 5 may 6 iyun iyn 7 iyul iyl 8 "
        "avgust avg 9 sentabr sen 10 oktabr okt 11 noyabr noy 12 dekabr dek"
    ),
    "vi": "",
    "ru": (
        "1 января янв январь 2 февраля февр февраль 3 марта мар март 4 апреля апр апрель 5 "
        "мая май 6 июня июн июнь 7 июля июл июль 8 августа авг август 9 сентября сент "
        "сентябрь 10 октября окт октябрь 11 ноября нояб ноябрь 12 декабря дек декабрь"
    ),
    "uk": (
        "1 січня січ січень 2 лютого лют лютий 3 березня бер березень 4 квітня квіт квітень 5 "
        "травня трав травень 6 червня черв червень 7 липня лип липень 8 серпня серп серпень 9 "
        "вересня вер вересень 10 жовтня жовт жовтень 11 листопада лист листопад 12 грудня "
        "груд грудень"
    ),
    "bg": (
        "1 януари яну 2 февруари фев 3 март 4 април апр 5 май 6 юни 7 юли 8 август авг 9 "
        "септември сеп 10 октомври окт 11 ноември ное 12 декември дек"
    ),
    "sr": (
        "1 јануар јан 2 фебруар феб 3 март мар 4 април апр 5 мај 6 јун 7 јул 8 август авг 9 "
        "септембар сеп 10 октобар окт 11 новембар нов 12 децембар дец"
    ),
    "mk": (
        "1 јануари јан 2 февруари фев 3 март мар 4 април апр 5 мај 6 јуни јун 7 јули јул 8 "
        "август авг 9 септември сеп 10 октомври окт 11 ноември ное 12 декември дек"
    ),
    "be": (
        "1 студзеня сту студзень 2 лютага лют люты 3 сакавіка сак сакавік 4 красавіка кра "
        "красавік 5 мая май 6 чэрвеня чэр чэрвень 7 ліпеня ліп ліпень 8 жніўня жні жнівень 9 "
        "верасня вер верасень 10 кастрычніка кас кастрычнік 11 лістапада ліс лістапад 12 "
        "снежня сне снежань"
    ),
    "kk": (
        "1 қаңтар қаң 2 ақпан ақп 3 наурыз нау 4 сәуір сәу 5 мамыр мам 6 маусым мау 7 шілде "
        "шіл 8 тамыз там 9 қыркүйек қыр 10 қазан қаз 11 қараша қар 12 желтоқсан жел"
    ),
    "ky": (
        "1 январь янв 2 февраль фев 3 март мар 4 апрель апр 5 май 6 июнь июн 7 июль июл 8 "
        "август авг 9 сентябрь сен 10 октябрь окт 11 ноябрь ноя 12 декабрь дек"
    ),
    "mn": "12 сар",
    "el": (
        "1 ιανουαριου ιαν ιανουαριοσ 2 φεβρουαριου φεβ φεβρουαριοσ 3 μαρτιου μαρ μαρτιοσ 4 "
        "απριλιου απρ απριλιοσ 5 μαιου μαι μαιοσ 6 ιουνιου ιουν ιουνιοσ 7 ιουλιου ιουλ "
        "ιουλιοσ 8 αυγουστου αυγ αυγουστοσ 9 σεπτεμβριου σεπ σεπτεμβριοσ 10 οκτωβριου οκτ "
        "οκτωβριοσ 11 νοεμβριου νοε νοεμβριοσ 12 δεκεμβριου δεκ δεκεμβριοσ"
    ),
    "he": (
        "1 ינואר ינו׳ 2 פברואר פבר׳ 3 מרץ 4 אפריל אפר׳ 5 מאי 6 יוני 7 יולי 8 אוגוסט אוג׳ 9 "
        "ספטמבר ספט׳ 10 אוקטובר אוק׳ 11 נובמבר נוב׳ 12 דצמבר דצמ׳"
    ),
    "ar": (
        "1 يناير 2 فبراير 3 مارس 4 أبريل 5 مايو 6 يونيو 7 يوليو 8 أغسطس 9 سبتمبر 10 أكتوبر 11 "
        "نوفمبر 12 ديسمبر"
    ),
    "ar_SY": "2 شباط 3 آذار 4 نيسان 5 أيار 6 حزيران 7 تموز 8 آب 9 أيلول 11 الثاني 12 الأول",
    "ar_DZ": "1 جانفي 2 فيفري 4 أفريل 5 ماي 6 جوان 7 جويلية 8 أوت",
    "fa": (
        "1 ژانویه 2 فوریه 3 مارس 4 آوریل 5 مه 6 ژوئن 7 ژوئیه 8 اوت 9 سپتامبر 10 اکتبر 11 "
        "نوامبر 12 دسامبر"
    ),
    "ur": (
        "1 جنوری 2 فروری 3 مارچ 4 اپریل 5 مئی 6 جون 7 جولائی 8 اگست 9 ستمبر 10 اکتوبر 11 "
        "نومبر 12 دسمبر"
    ),
    "hi": (
        "1 जनवरी जन॰ 2 फ़रवरी फ़र॰ 3 मार्च 4 अप्रैल 5 मई 6 जून 7 जुलाई जुल॰ 8 अगस्त अग॰ 9 "
        "सितंबर सित॰ 10 अक्टूबर अक्टू॰ 11 नवंबर नव॰ 12 दिसंबर दिस॰"
    ),
    "mr": (
        "1 जानेवारी जाने 2 फेब्रुवारी फेब्रु 3 मार्च 4 एप्रिल एप्रि 5 मे 6 जून 7 जुलै 8 ऑगस्ट "
        "ऑग 9 सप्टेंबर सप्टें 10 ऑक्टोबर ऑक्टो 11 नोव्हेंबर नोव्हें 12 डिसेंबर डिसें"
    ),
    "ne": (
        "1 जनवरी 2 फेब्रुअरी 3 मार्च 4 अप्रिल 5 मे 6 जुन 7 जुलाई 8 अगस्ट 9 सेप्टेम्बर 10 "
        "अक्टोबर 11 नोभेम्बर 12 डिसेम्बर"
    ),
    "bn": (
        "1 জানুয়ারি জানু 2 ফেব্রুয়ারি ফেব 3 মার্চ 4 এপ্রিল এপ্রি 5 মে 6 জুন 7 জুলাই জুল 8 "
        "আগস্ট আগ 9 সেপ্টেম্বর সেপ সেপ্ট 10 অক্টোবর অক্টো 11 নভেম্বর নভে 12 ডিসেম্বর ডিসে"
    ),
    "ta": (
        "1 ஜனவரி ஜன 2 பிப்ரவரி பிப் 3 மார்ச் மார் 4 ஏப்ரல் ஏப் 5 மே 6 ஜூன் 7 ஜூலை 8 ஆகஸ்ட் ஆக "
        "9 செப்டம்பர் செப் 10 அக்டோபர் அக் 11 நவம்பர் நவ 12 டிசம்பர் டிச"
    ),
    "te": (
        "1 జనవరి జన 2 ఫిబ్రవరి ఫిబ్ర 3 మార్చి 4 ఏప్రిల్ ఏప్రి 5 మే 6 జూన్ 7 జులై 8 ఆగస్టు ఆగ "
        "9 సెప్టెంబర్ సెప్టెం 10 అక్టోబర్ అక్టో 11 నవంబర్ నవం 12 డిసెంబర్ డిసెం"
    ),
    "th": (
        "1 มกราคม มค 2 กุมภาพันธ์ กพ 3 มีนาคม มีค 4 เมษายน เมย 5 พฤษภาคม พค 6 มิถุนายน มิย 7 "
        "กรกฎาคม กค 8 สิงหาคม สค 9 กันยายน กย 10 ตุลาคม ตค 11 พฤศจิกายน พย 12 ธันวาคม ธค"
    ),
    "ka": (
        "1 იანვარი იან 2 თებერვალი თებ 3 მარტი მარ 4 აპრილი აპრ 5 მაისი მაი 6 ივნისი ივნ 7 "
        "ივლისი ივლ 8 აგვისტო აგვ 9 სექტემბერი სექ 10 ოქტომბერი ოქტ 11 ნოემბერი ნოე 12 "
        "დეკემბერი დეკ"
    ),
    "hy": (
        "1 հունվարի հնվ հունվար 2 փետրվարի փտվ փետրվար 3 մարտի մրտ մարտ 4 ապրիլի ապր ապրիլ 5 "
        "մայիսի մյս մայիս 6 հունիսի հնս հունիս 7 հուլիսի հլս հուլիս 8 օգոստոսի օգս օգոստոս 9 "
        "սեպտեմբերի սեպ սեպտեմբեր 10 հոկտեմբերի հոկ հոկտեմբեր 11 նոյեմբերի նոյ նոյեմբեր 12 "
        "դեկտեմբերի դեկ դեկտեմբեր"
    ),
    "gu": (
        "1 જાન્યુઆરી જાન્યુ 2 ફેબ્રુઆરી ફેબ્રુ 3 માર્ચ 4 એપ્રિલ 5 મે 6 જૂન 7 જુલાઈ 8 ઑગસ્ટ 9 "
        "સપ્ટેમ્બર સપ્ટે 10 ઑક્ટોબર ઑક્ટો 11 નવેમ્બર નવે 12 ડિસેમ્બર ડિસે"
    ),
    "pa": (
        "1 ਜਨਵਰੀ ਜਨ 2 ਫ਼ਰਵਰੀ ਫ਼ਰ 3 ਮਾਰਚ 4 ਅਪ੍ਰੈਲ ਅਪ੍ਰੈ 5 ਮਈ 6 ਜੂਨ 7 ਜੁਲਾਈ ਜੁਲਾ 8 ਅਗਸਤ ਅਗ 9 ਸਤੰਬਰ "
        "ਸਤੰ 10 ਅਕਤੂਬਰ ਅਕਤੂ 11 ਨਵੰਬਰ ਨਵੰ 12 ਦਸੰਬਰ ਦਸੰ"
    ),
    "kn": (
        "1 ಜನವರಿ ಜನ 2 ಫೆಬ್ರವರಿ ಫೆಬ್ರ 3 ಮಾರ್ಚ್ 4 ಏಪ್ರಿಲ್ ಏಪ್ರಿ 5 ಮೇ 6 ಜೂನ್ 7 ಜುಲೈ 8 ಆಗಸ್ಟ್ ಆಗ 9 "
        "ಸೆಪ್ಟೆಂಬರ್ ಸೆಪ್ಟೆಂ 10 ಅಕ್ಟೋಬರ್ ಅಕ್ಟೋ 11 ನವೆಂಬರ್ ನವೆಂ 12 ಡಿಸೆಂಬರ್ ಡಿಸೆಂ"
    ),
    "ml": (
        "1 ജനുവരി ജനു 2 ഫെബ്രുവരി ഫെബ്രു 3 മാർച്ച് മാർ 4 ഏപ്രിൽ ഏപ്രി 5 മേയ് 6 ജൂൺ 7 ജൂലൈ 8 "
        "ഓഗസ്റ്റ് ഓഗ 9 സെപ്റ്റംബർ സെപ്റ്റം 10 ഒക്‌ടോബർ ഒക്ടോ 11 നവംബർ നവം 12 ഡിസംബർ ഡിസം"
    ),
    "si": ("1 දුරුතු 2 නවම් 3 මැදින් 4 බක් 5 වෙසක් 6 පොසොන් 7 ඇසළ 8 නිකිණි 9 බිනර 10 වප් 11 ඉල් 12 උඳුවප්"),
    "my": (
        "1 ဇန်နဝါရီ ဇန် 2 ဖေဖော်ဝါရီ ဖေ 3 မတ် 4 ဧပြီ ဧ 5 မေ 6 ဇွန် 7 ဇူလိုင် ဇူ 8 ဩဂုတ် ဩ 9 "
        "စက်တင်ဘာ စက် 10 အောက်တိုဘာ အောက် 11 နိုဝင်ဘာ နို 12 ဒီဇင်ဘာ ဒီ"
    ),
    "km": ("1 មករា 2 កុម្ភៈ 3 មីនា 4 មេសា 5 ឧសភា 6 មិថុនា 7 កក្កដា 8 សីហា 9 កញ្ញា 10 តុលា 11 វិច្ឆិកា 12 ធ្នូ"),
    "lo": (
        "1 ມັງກອນ ມກ 2 ກຸມພາ ກພ 3 ມີນາ ມນ 4 ເມສາ ມສ 5 ພຶດສະພາ ພພ 6 ມິຖຸນາ ມິຖ 7 ກໍລະກົດ ກລ 8 "
        "ສິງຫາ ສຫ 9 ກັນຍາ ກຍ 10 ຕຸລາ ຕລ 11 ພະຈິກ ພຈ 12 ທັນວາ ທວ"
    ),
    "am": (
        "1 ጃንዋሪ ጃን 2 ፌብሩዋሪ ፌብ 3 ማርች 4 ኤፕሪል ኤፕሪ 5 ሜይ 6 ጁን 7 ጁላይ 8 ኦገስት ኦገስ 9 ሴፕቴምበር ሴፕቴ 10 ኦክቶበር "
        "ኦክቶ 11 ኖቬምበር ኖቬም 12 ዲሴምበር ዲሴም"
    ),
}
"""By locale: the number of each month, and its names behind it."""
