/**
 * Things that guests ask for by name, each with the words for it in the three languages (folded, beginnings of words). An
 * amenity that is asked for and stands in none of the lodging's facts is said not to be listed.
 */
export const amenityWords: readonly (readonly string[])[] = [
  ['pileta', 'piscina', 'pool', 'swimming'],
  ['desayuno', 'cafe da manha', 'breakfast'],
  ['parrilla', 'asador', 'quincho', 'churrasqueira', 'grill', 'bbq', 'barbecue'],
  ['aire acondicionado', 'ar condicionado', 'air conditioning', 'aire'],
  ['calefaccion', 'estufa', 'salamandra', 'hogar', 'aquecimento', 'lareira', 'heating', 'fireplace'],
  ['cuna', 'practicuna', 'berco', 'crib', 'cot'],
  ['tele', 'tv', 'smart tv', 'netflix'],
  ['lavarropas', 'lavadora', 'lavanderia', 'maquina de lavar', 'laundry', 'washing machine'],
  ['jacuzzi', 'hidromasaje', 'hidromassagem', 'banheira', 'hot tub'],
  ['sauna'],
  ['spa'],
  ['gimnasio', 'gym', 'academia'],
  ['restaurante', 'restaurant'],
  ['cocina', 'cozinha', 'kitchen'],
  ['heladera', 'frigobar', 'geladeira', 'fridge'],
  ['microondas', 'microwave'],
  ['secador', 'hair dryer', 'hairdryer'],
  [
    'toallas',
    'toallones',
    'toalhas',
    'towels',
    'ropa blanca',
    'ropa de cama',
    'sabanas',
    'roupa de cama',
    'sheets',
    'linen',
  ],
  ['cochera', 'estacionamiento', 'garage', 'estacionamento', 'garagem', 'vaga de carro', 'parking'],
  ['wifi', 'wi fi', 'internet'],
  ['ascensor', 'elevador', 'elevator', 'lift'],
];
