/* What the demonstration school says about itself: settings, legal texts, topics. */
#include "shop/demo_data.h"

const struct demo_topic demo_topics[DEMO_TOPICS] = {
    {"Robótica", "Construir máquinas que sienten, deciden y se mueven.", "pictures/topics/1.svg",
     1},
    {"Programación", "Pensar paso a paso y darle órdenes a una computadora.",
     "pictures/topics/2.svg", 2},
    {"Arte", "Mirar con calma y crear con las manos.", "pictures/topics/3.svg", 3},
    {"Música", "Tocar, cantar y bailar desde la primera clase.", "pictures/topics/4.svg", 4},
    {"Ciencia", "Preguntar, experimentar y volver a preguntar.", "pictures/topics/5.svg", 5},
    {"Letras", "Contar historias, actuarlas y perder el miedo a hablar.", "pictures/topics/6.svg",
     6},
};

const struct demo_setting demo_settings[DEMO_SETTINGS] = {
    {"school_name", "Academia Sol"},
    {"slogan", "Talleres donde tu hijo aprende haciendo"},
    {"color", "#0e5f59"},
    {"email", "hola@academiasol.example"},
    {"phone", "(01) 000 0142"},
    {"whatsapp", "51900000000"},
    {"address", "Av. Grau 245, Barranco, Lima\nA dos cuadras del parque municipal"},
    {"map_url", "https://www.openstreetmap.org/#map=18/-12.1494/-77.0212"},
    {"legal_name", "Academia Sol E.I.R.L."},
    {"tax_number", "20555500001"},
    {"complaints_url", "https://academiasol.example/libro-de-reclamaciones"},
    {"cancellation", "Hasta 7 días antes del inicio devolvemos todo lo pagado.\n"
                     "Después, puedes pasar la vacante a un hermano o a otro taller."},
    {"mail_from", "hola@academiasol.example"},
    {"mail_reply_to", "secretaria@academiasol.example"},
    {"currency", "PEN"},
    {"tax_rate_bp", "1800"},
    {"tax_name", "IGV"},
    {"bank_details", "Banco de Muestra\nCuenta corriente en soles "
                     "000-1234567-0-00\nCCI 000-000-001234567000-00\nTitular: Academia Sol "
                     "E.I.R.L."},
    {"wallet_name", "Yape"},
    {"wallet_holder", "Academia Sol"},
    {"wallet_phone", "900 000 000"},
    {"time_zone", "America/Lima"},
};

const char demo_terms[] =
    "1. Inscripción. La vacante queda confirmada cuando recibimos el pago completo. Mientras tanto "
    "la guardamos por el tiempo que indica tu carrito o tu orden.\n\n"
    "2. Edad. Cada taller indica las edades para las que fue pensado; se cuentan al día de "
    "inicio.\n\n"
    "3. Cancelaciones. Hasta 7 días antes del inicio devolvemos todo lo pagado por el mismo medio, "
    "en un máximo de 10 días útiles. Después de ese plazo puedes pasar la vacante a un hermano o a "
    "otro taller del mismo precio.\n\n"
    "4. Si un taller no llega a cinco inscritos, te avisamos tres días antes y eliges entre otro "
    "taller o la devolución completa.\n\n"
    "5. Recojo. Los menores de 12 años salen solo con la persona que figura en la inscripción o "
    "con quien ella autorice por escrito.\n\n"
    "6. Convivencia. Cuidamos a las personas, los materiales y el local. Si algo se rompe, lo "
    "conversamos primero con la familia.";

const char demo_privacy[] =
    "Academia Sol E.I.R.L. (RUC 20555500001), Av. Grau 245, Barranco, trata tus datos y los de tus "
    "hijos según la Ley N.° 29733.\n\n"
    "Qué guardamos: nombres, fecha de nacimiento y colegio de cada estudiante; nombre, correo y "
    "celular del apoderado; inscripciones y pagos. No guardamos datos de tarjetas.\n\n"
    "Para qué: organizar los talleres, comunicarnos contigo y emitir constancias. No vendemos ni "
    "cedemos datos a terceros.\n\n"
    "Fotos y publicidad: solo si lo aceptas por separado, y puedes retirar ese permiso cuando "
    "quieras desde tu perfil.\n\n"
    "Tus derechos: puedes ver, corregir y descargar tus datos desde tu perfil, o pedir que los "
    "eliminemos escribiendo a hola@academiasol.example.";
