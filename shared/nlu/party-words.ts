import { words } from './date-point.ts';

/** People without an age. */
export const anyone = words(
  'persona personas pers persnas pax paxs huesped huespedes pasajero pasajeros pessoa pessoas hospede hospedes gente people person persons guest guests plazas amigos amigas friends viajeros integrantes turistas comensales ppl cpersonas visitantes',
);
/** Grown-ups. */
export const grownUps = words(
  'adulto adultos adulta adultas mayor mayores grandes adult adults grown maiores senhores senoras senores mujeres hombres chicas muchachos ad ads adul adlt men women ladies homens mulheres',
);
/** Whoever counts as a child; "hijos" too, whatever their age. */
export const children = words(
  'nino ninos nina ninas nene nenes nena nenas chico chicos menor menores hijo hijos hija hijas bebe bebes beba bebito bebita kid kids child children baby babies toddler infant infants crianca criancas filho filhos filha filhas nenem adolescente adolescentes teen teens menina meninas menino meninos peque peques chiquitos nieto nietos nieta infante infantes pibes pibe son sons daughter daughters',
);
/** The youngest: no number of people leaves them out or in by itself. */
export const babies = words('bebe bebes beba bebito bebita baby babies infant infants nenem');
/** Two at once. */
export const couples = words('pareja parejas casal casais couple couples matrimonio matrimonios parejita novios');
/** Whom one shares a bed with, after "mi". */
export const partners = words(
  'marido esposo esposa mujer novio novia pareja companero companera husband wife partner girlfriend boyfriend namorado namorada esposa mulher senora',
);
/** Who else comes along, after "mi". */
export const relatives = words(
  'mama papa madre padre vieja viejo hermano hermana amigo amiga suegra suegro cunada cunado nuera yerno prima primo abuela abuelo tia tio ' +
    'mom mum dad mother father brother sister friend cousin grandma grandpa roommate mae pai irmao irma sogra sogro cunhada cunhado avo',
);
/** Relatives who come as two, after "mis"; of the others in the plural nobody knows how many. */
export const relativePairs = words('padres papas viejos suegros abuelos parents grandparents pais sogros avos folks');
export const manyRelatives = words(
  'hermanos hermanas amigos amigas primos primas tios tias cunados cunadas brothers sisters friends cousins irmaos irmas primos tios',
);
/** "Lo consulto con mi marido" is no company. */
export const consulting = words(
  'talked spoke asked hable consulte pregunte consulto consultar consultarlo consulta hablo hablar hablarlo charlo charlar charlarlo pregunto preguntar preguntarle veo ver verlo digo decir decirle aviso avisar ' +
    'pensarlo arreglar arreglo confirmar confirmo confirmarlo talk check ask speak discuss consultar falar falo perguntar pergunto ver vejo conversar combinar',
);
/** "Quizá 5", "maybe 5": a number that is not sure. */
export const maybes = words(
  'quiza quizas capaz talvez tal posiblemente probablemente maybe perhaps possibly probably provavelmente acaso',
);
/** What is rented. */
export const units = words(
  'habitacion habitaciones hab habs cabana cabanas cabanita depto deptos departamento departamentos dpto apartamento apartamentos apto aptos apartment apartments room rooms cabin cabins quarto quartos unidad unidades bungalow bungalows domo domos chale chales suite suites cuarto cuartos casa casas ambientes',
);
/** Words that may stand between a number and what it counts. */
export const fillersBeforeNouns = words(
  'sola solo unica single so otras otros pequenos pequenas lindas lindos solas small young little hermosos hermosas grandes hotel smoking non double single twin separate available different big large nice more bons boas belas',
);
/** Animals. */
export const pets = words(
  'perro perra perros perras perrito perrita perritos gato gata gatos gatito mascota mascotas caniche cachorro cachorrito cachorra dog dogs doggy puppy cat cats pet pets animal animales bicho pichicho cao gatinho cachorrinho animalito labrador danes ovejero golden bulldog beagle salchicha pitbull pug',
);
/** Words before an animal that comes along. */
export const petOwners = words(
  'con mi mis nuestro nuestra nuestros llevo llevamos traigo tengo tenemos viajo with my our meu minha nosso nossa tenho levo com un una unos dos one two a um uma uns',
);
/** Words that make it a question about animals. */
export const petAsking = words(
  'aceptan admiten permiten acepta admite permite aceitam permitem allow accept allowed permitidas se pueden friendly',
);
/** "somos 4" */
export const we = words(
  'somos seriamos seremos fueramos fuesemos fossemos fueran fuera vamos iriamos iremos viajamos serian seria son seriam estamos seramos ser es we',
);
/** Articles that count one. */
export const one = words('un una uno one a an um uma');
/** What stands between the members of a party. */
export const joiners = words('y e and & + , con mas with com plus');
