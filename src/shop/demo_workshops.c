/* The workshops of the demonstration school: sixteen to come, three in progress, five past. */
#include "shop/demo_data.h"

enum { MON = 1, TUE = 2, WED = 4, THU = 8, FRI = 16, SAT = 32 };
enum { ROBOTICS = 1, CODE, ART, MUSIC, SCIENCE, LETTERS };
enum { JULIO = 2, VALERIA, ANDRES, MILAGROS, RENATO, NOBODY = -1 };

#define AT(hour, minute) ((hour)*60 + (minute))
#define AGES(low, high) .min_age = (low), .max_age = (high)
#define PRICE(list) .price = (list), .discount = -1
#define REDUCED(list, now) .price = (list), .discount = (now)
#define STARTS(week_, weeks_, days, from, to) \
    .week = (week_), .weeks = (weeks_), .weekdays = (days), .start = (from), .end = (to)
#define SEATS(sold, of) .seats = (sold), .capacity = (of)
#define BY(one, two) .staff = {(one), (two)}

const struct demo_workshop demo_workshops[DEMO_WORKSHOPS] = {
    {.slug = "robotica-con-lego",
     .title = "Robótica con LEGO",
     .picture = "robotica-lego",
     .topic = ROBOTICS,
     REDUCED(220, 180),
     AGES(6, 9),
     .level = 1,
     STARTS(1, 8, TUE | THU, AT(16, 0), AT(17, 30)),
     SEATS(9, 12),
     .fill = DEMO_NEARLY_FULL,
     BY(JULIO, VALERIA),
     .place = "Barranco, sala 2",
     .description =
         "Construye tres robots que caminan, miden y esquivan. El último lo inventas tú.\n\n"
         "Trabajamos en parejas con un juego completo de piezas, motores y sensores. Cada clase "
         "empieza con un reto corto y termina mostrando lo que funcionó y lo que no. En la última "
         "sesión las familias ven competir a los robots.",
     .bring = "Solo ganas. Los juegos de piezas se quedan en la academia."},
    {.slug = "equipo-de-competencia",
     .title = "Equipo de competencia: carrera de robots",
     .picture = "carrera-robots",
     .topic = ROBOTICS,
     PRICE(260),
     AGES(10, 15),
     .level = 3,
     STARTS(3, 8, SAT, AT(10, 0), AT(12, 30)),
     SEATS(4, 10),
     .private = true,
     BY(JULIO, NOBODY),
     .place = "Miraflores, local Larco",
     .description =
         "Para quienes ya llevaron robótica con nosotros y quieren representar a la academia en el "
         "torneo interescolar.\n\n"
         "Diseñamos, probamos y volvemos a armar un seguidor de línea hasta que gane segundos. "
         "También se aprende a trabajar en equipo cuando algo falla a cinco minutos de la salida.",
     .bring = "Laptop si tienes una, y el polo del equipo."},
    {.slug = "electronica-para-curiosos",
     .title = "Electrónica para curiosos",
     .picture = "electronica",
     .topic = ROBOTICS,
     REDUCED(280, 240),
     AGES(11, 15),
     .level = 2,
     STARTS(6, 8, WED, AT(16, 30), AT(18, 30)),
     SEATS(4, 12),
     BY(ANDRES, NOBODY),
     .place = "San Isidro, laboratorio",
     .description =
         "Del foco y la pila al sensor que enciende una alarma cuando alguien entra a tu cuarto."
         "\n\nArmamos circuitos en protoboard, medimos con multímetro y soldamos el proyecto final, "
         "que se va a casa contigo.",
     .bring = "Cuaderno cuadriculado y lentes de protección (si no tienes, prestamos)."},
    {.slug = "impresion-3d",
     .title = "Del dibujo a la impresión 3D",
     .picture = "impresion-3d",
     .topic = ROBOTICS,
     PRICE(290),
     AGES(12, 16),
     .level = 2,
     STARTS(-16, 6, MON | WED, AT(17, 0), AT(18, 30)),
     SEATS(15, 16),
     BY(JULIO, NOBODY),
     .place = "San Isidro, laboratorio",
     .description =
         "Modela en la computadora una pieza que resuelva un problema de tu casa y mírala crecer "
         "capa por capa.\n\nAprendemos a medir, a dibujar en tres dimensiones y a corregir cuando "
         "la primera impresión no encaja.",
     .bring = "Un objeto roto o incómodo que quieras mejorar."},
    {.slug = "mi-primer-videojuego-con-scratch",
     .title = "Mi primer videojuego con Scratch",
     .picture = "scratch",
     .topic = CODE,
     PRICE(200),
     AGES(8, 12),
     .level = 1,
     STARTS(1, 8, MON | WED, AT(16, 0), AT(17, 30)),
     SEATS(11, 16),
     BY(VALERIA, NOBODY),
     .place = "Barranco, sala 1",
     .description =
         "Un personaje, un enemigo, puntos y un final: en ocho semanas tu juego está en línea y lo "
         "juegan tus primos.\n\nSe aprende a partir un problema grande en pasos pequeños, a usar "
         "variables y condiciones, y a buscar errores sin perder la paciencia.",
     .bring = "Audífonos. Las computadoras son nuestras."},
    {.slug = "mundo-de-bloques",
     .title = "Programa tu mundo de bloques",
     .picture = "mundo-bloques",
     .topic = CODE,
     PRICE(210),
     AGES(7, 10),
     .level = 1,
     STARTS(-4, 8, TUE | THU, AT(15, 30), AT(17, 0)),
     SEATS(13, 14),
     BY(VALERIA, NOBODY),
     .place = "Barranco, sala 1",
     .description =
         "Casas que se construyen solas, puentes infinitos y un ascensor que sí funciona: todo con "
         "código.\n\nEl mundo de bloques es la excusa; lo que se aprende son bucles, coordenadas y "
         "a planear antes de construir.",
     .bring = "Audífonos."},
    {.slug = "python-desde-cero",
     .title = "Python desde cero",
     .picture = "python",
     .topic = CODE,
     REDUCED(320, 280),
     AGES(12, 17),
     .level = 2,
     STARTS(4, 10, TUE | THU, AT(17, 0), AT(18, 30)),
     SEATS(6, 14),
     BY(ANDRES, VALERIA),
     .place = "San Isidro, laboratorio",
     .description =
         "El lenguaje con el que se hace ciencia, arte y media internet, explicado con problemas "
         "que interesan a los 14 años.\n\nTerminas con un programa propio: un bot, un analizador de "
         "partidos o el horario que tu colegio nunca hizo bien.",
     .bring = "Laptop si tienes una; si no, hay una para ti."},
    {.slug = "tu-primera-pagina-web",
     .title = "Tu primera página web",
     .picture = "apps-web",
     .topic = CODE,
     PRICE(240),
     AGES(12, 17),
     .level = 1,
     STARTS(9, 6, SAT, AT(10, 0), AT(12, 30)),
     SEATS(2, 14),
     BY(VALERIA, NOBODY),
     .place = "Miraflores, local Larco",
     .description =
         "Publica una página de verdad sobre algo que te importe y entiende cada línea que tiene."
         "\n\nEstructura, colores que se leen bien, fotos que no pesan y una dirección que puedes "
         "compartir el último día.",
     .bring = "Cinco fotos tuyas y una idea."},
    {.slug = "acuarela-pintar-el-mar",
     .title = "Acuarela: pintar el mar",
     .picture = "acuarela",
     .topic = ART,
     PRICE(150),
     AGES(7, 14),
     .level = 1,
     STARTS(2, 6, SAT, AT(10, 0), AT(12, 0)),
     SEATS(7, 12),
     BY(MILAGROS, NOBODY),
     .place = "Barranco, patio",
     .description =
         "El mar de Lima casi nunca es celeste. Aprendemos a mirarlo y a mezclar sus grises, verdes "
         "y dorados.\n\nDos sábados salimos al malecón con tablero y agua. Al final colgamos una "
         "pequeña muestra en el patio.",
     .bring = "Ropa que se pueda manchar y gorro para los días de malecón."},
    {.slug = "ceramica-barro-y-fuego",
     .title = "Cerámica: barro y fuego",
     .picture = "ceramica",
     .topic = ART,
     PRICE(210),
     AGES(8, 13),
     .level = 1,
     STARTS(5, 8, FRI, AT(15, 30), AT(17, 30)),
     SEATS(5, 10),
     BY(MILAGROS, NOBODY),
     .place = "Barranco, patio",
     .description =
         "Pellizcar, enrollar, alisar, esperar. Cada quien hace una taza, un animal y una pieza "
         "libre que pasan por el horno.\n\nMiramos vasijas moche y nazca para robarles ideas.",
     .bring = "Mandil y una toalla vieja."},
    {.slug = "fotografia-con-el-celular",
     .title = "Fotografía con el celular",
     .picture = "fotografia",
     .topic = ART,
     PRICE(180),
     AGES(15, -1),
     .level = 1,
     STARTS(7, 5, SAT, AT(15, 0), AT(17, 0)),
     SEATS(3, 15),
     BY(RENATO, NOBODY),
     .schedule = "Cuatro sábados y una salida al malecón",
     .hours = "3:00 a 5:00 p. m.",
     .place = "Barranco, sala 3",
     .description =
         "La mejor cámara es la que llevas en el bolsillo. Luz, encuadre y una historia en diez "
         "fotos.\n\nTaller para jóvenes y adultos. Editamos en el mismo celular, con aplicaciones "
         "gratuitas.",
     .bring = "Celular con cámara y batería cargada."},
    {.slug = "dibujo-de-observacion",
     .title = "Dibujo de observación",
     .picture = "dibujo",
     .topic = ART,
     PRICE(160),
     AGES(9, 14),
     .level = 1,
     STARTS(-10, 8, THU, AT(16, 0), AT(18, 0)),
     SEATS(14, 16),
     BY(MILAGROS, NOBODY),
     .place = "Barranco, sala 3",
     .description =
         "Dibujar es aprender a mirar: manos, zapatos, la cara del compañero, la calle desde la "
         "ventana.\n\nNo hace falta «saber dibujar»; hace falta sentarse con calma.",
     .bring = "Cuaderno A4 de hojas blancas y lápiz 2B."},
    {.slug = "crea-tu-comic",
     .title = "Crea tu cómic",
     .picture = "comic",
     .topic = ART,
     PRICE(170),
     AGES(9, 13),
     .level = 1,
     STARTS(11, 6, TUE, AT(16, 0), AT(18, 0)),
     SEATS(2, 12),
     BY(RENATO, MILAGROS),
     .place = "Barranco, sala 3",
     .description =
         "Un personaje, un problema y ocho páginas para resolverlo. Guion, viñetas, globos y tinta."
         "\n\nImprimimos la revista del grupo y cada familia se lleva un ejemplar.",
     .bring = "Lápiz, borrador y una historia que te dé risa."},
    {.slug = "cajon-peruano-desde-cero",
     .title = "Cajón peruano desde cero",
     .picture = "cajon",
     .topic = MUSIC,
     PRICE(160),
     AGES(9, -1),
     .level = 1,
     STARTS(1, 8, FRI, AT(17, 0), AT(18, 30)),
     SEATS(12, 12),
     .fill = DEMO_FULL,
     BY(RENATO, NOBODY),
     .place = "Barranco, sala 3",
     .description =
         "Festejo, landó y vals: tres ritmos que cuentan la historia de la costa, sentados sobre "
         "una caja.\n\nDesde la primera clase se toca en grupo. Cerramos con una pequeña jarana "
         "para las familias.",
     .bring = "Ropa cómoda. Tenemos un cajón para cada uno."},
    {.slug = "guitarra-primeras-canciones",
     .title = "Guitarra: primeras canciones",
     .picture = "guitarra",
     .topic = MUSIC,
     REDUCED(230, 200),
     AGES(10, 15),
     .level = 1,
     STARTS(8, 10, MON, AT(16, 30), AT(18, 0)),
     SEATS(3, 8),
     BY(RENATO, NOBODY),
     .place = "Miraflores, local Larco",
     .description =
         "Cuatro acordes abren cientos de canciones. Elegimos juntos cuáles.\n\n"
         "Grupos de ocho, para que el profesor pueda corregir cada mano. Se avanza con quince "
         "minutos de práctica al día en casa.",
     .bring = "Tu guitarra. Si aún no tienes, prestamos una las dos primeras semanas."},
    {.slug = "ukelele-en-grupo",
     .title = "Ukelele en grupo",
     .picture = "ukelele",
     .topic = MUSIC,
     PRICE(170),
     AGES(7, 11),
     .level = 1,
     STARTS(-2, 6, SAT, AT(9, 0), AT(10, 30)),
     SEATS(10, 12),
     BY(RENATO, NOBODY),
     .place = "Barranco, patio",
     .description =
         "Pequeño, alegre y amable con los dedos cortos: el instrumento perfecto para empezar.\n\n"
         "Cantamos mientras tocamos, que es como mejor se aprende el ritmo.",
     .bring = "Nada; los ukeleles se quedan en la academia."},
    {.slug = "marinera-nortena-para-empezar",
     .title = "Marinera norteña para empezar",
     .picture = "marinera",
     .topic = MUSIC,
     PRICE(150),
     AGES(6, 12),
     .level = 1,
     STARTS(-19, 8, TUE | THU, AT(17, 0), AT(18, 0)),
     SEATS(18, 20),
     BY(MILAGROS, NOBODY),
     .place = "Barranco, patio",
     .description =
         "Pañuelo, coquetería y mucho oído. Los pasos básicos y una coreografía corta.\n\n"
         "Bailan niñas y niños, con pareja o sin ella.",
     .bring = "Pañuelo blanco y zapatos que no resbalen."},
    {.slug = "quimica-en-la-cocina",
     .title = "Química en la cocina",
     .picture = "quimica-cocina",
     .topic = SCIENCE,
     REDUCED(170, 140),
     AGES(7, 10),
     .level = 1,
     STARTS(2, 6, WED, AT(15, 30), AT(17, 0)),
     SEATS(8, 12),
     BY(ANDRES, NOBODY),
     .place = "San Isidro, laboratorio",
     .description =
         "¿Por qué sube el queque? ¿Por qué la chicha morada cambia de color con el limón? Se "
         "responde cocinando.\n\nSeis experimentos que se pueden comer (o casi) y un cuaderno de "
         "laboratorio para repetirlos en casa.",
     .bring = "Mandil y un táper. Avísanos si hay alergias."},
    {.slug = "noches-de-astronomia",
     .title = "Noches de astronomía",
     .picture = "astronomia",
     .topic = SCIENCE,
     PRICE(190),
     AGES(8, 14),
     .level = 1,
     STARTS(4, 5, FRI, AT(18, 30), AT(20, 0)),
     SEATS(6, 15),
     BY(ANDRES, NOBODY),
     .place = "San Isidro, azotea",
     .description =
         "Cráteres de la Luna, los anillos de Saturno y por qué el cielo de Lima es tan terco."
         "\n\nObservamos con telescopio cada noche despejada; cuando hay neblina, construimos "
         "relojes de sol y cámaras oscuras.",
     .bring = "Casaca abrigadora y linterna con papel celofán rojo."},
    {.slug = "huerto-en-casa",
     .title = "Huerto en casa",
     .picture = "huerto",
     .topic = SCIENCE,
     REDUCED(60, 0),
     AGES(6, 10),
     .level = 1,
     STARTS(3, 4, SAT, AT(9, 0), AT(10, 30)),
     SEATS(9, 18),
     BY(MILAGROS, ANDRES),
     .place = "Barranco, patio",
     .description =
         "Rabanitos en cuatro semanas, aunque vivas en un departamento. Gratis gracias a los vecinos "
         "que nos prestan el jardín.\n\nSembramos, hacemos compost con lombrices y aprendemos a "
         "esperar.",
     .bring = "Una botella de plástico grande y una cuchara vieja."},
    {.slug = "el-mundo-bajo-el-microscopio",
     .title = "El mundo bajo el microscopio",
     .picture = "microscopio",
     .topic = SCIENCE,
     PRICE(180),
     AGES(9, 13),
     .level = 1,
     STARTS(-13, 4, WED, AT(16, 0), AT(18, 0)),
     SEATS(11, 12),
     BY(ANDRES, NOBODY),
     .place = "San Isidro, laboratorio",
     .description =
         "Agua de charco, piel de cebolla, el ala de una mosca. Lo invisible es más raro que "
         "cualquier película.\n\nSe dibuja todo lo que se ve y se arma un atlas del grupo.",
     .bring = "Un frasco con algo que quieras mirar."},
    {.slug = "cuentos-junto-al-mar",
     .title = "Cuentos junto al mar",
     .picture = "cuentos",
     .topic = LETTERS,
     PRICE(130),
     AGES(6, 9),
     .level = 1,
     STARTS(-6, 8, WED, AT(16, 0), AT(17, 30)),
     SEATS(12, 14),
     BY(MILAGROS, NOBODY),
     .place = "Barranco, sala 1",
     .description =
         "Leer en voz alta, inventar finales y escribir el primer libro propio, con tapa y todo."
         "\n\nPara quienes ya leen solos y para quienes recién empiezan.",
     .bring = "Tu cuento favorito el primer día."},
    {.slug = "teatro-para-soltar-la-voz",
     .title = "Teatro para soltar la voz",
     .picture = "teatro",
     .topic = LETTERS,
     PRICE(220),
     AGES(8, 13),
     .level = 1,
     STARTS(12, 8, MON | WED, AT(16, 30), AT(18, 0)),
     SEATS(0, 16),
     .opens = 2,
     BY(RENATO, MILAGROS),
     .place = "Barranco, sala 3",
     .description =
         "Juegos, improvisación y una obra corta escrita por el grupo.\n\n"
         "No buscamos estrellas: buscamos que cada uno se anime a decir una frase mirando al "
         "público. La función es en el patio, con luces y todo.",
     .bring = "Ropa cómoda y medias antideslizantes."},
    {.slug = "oratoria-y-debate",
     .title = "Oratoria y debate",
     .picture = "oratoria",
     .topic = LETTERS,
     PRICE(200),
     AGES(12, 17),
     .level = 2,
     STARTS(-21, 6, SAT, AT(10, 0), AT(12, 0)),
     SEATS(12, 14),
     BY(RENATO, NOBODY),
     .place = "Miraflores, local Larco",
     .description =
         "Defender una idea, escuchar la contraria y cambiar de opinión sin vergüenza.\n\n"
         "Ejercicios de voz, argumentos en dos minutos y un debate final con jurado de la familia.",
     .bring = "Libreta y una opinión fuerte."},
};
