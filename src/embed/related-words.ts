/**
 * Everyday English words that people swap when they ask about the same thing.
 * Within a group each word is a weak sign of the others. General vocabulary of
 * personal notes, no names, no subject matter of any one collection.
 */
const GROUPS =
  'food eat meal dinner supper lunch breakfast dish dine feast|food peanut bread cheese meat fruit fish egg milk nut cake soup|' +
  'danger dangerous hazard harmful risk unsafe allergy allergic poison poisonous peril|allergy allergic intolerant reaction|' +
  'doctor physician surgeon nurse clinic hospital medic|medicine pill drug remedy physic tablet prescription dose|' +
  'ill sick unwell disease sickness illness ailment fever|hurt pain ache sore injure injury wound|heal cure recover recovery remedy|' +
  'dead die death corpse funeral bury burial grave|kill murder slay execute execution hang behead|corpse body carcass mummy embalm|' +
  'child baby infant kid son daughter|boy lad youth|girl maid wench lass|father dad papa parent|mother mum mom mama parent|' +
  'wife husband spouse married marry marriage wedding bride|friend companion mate acquaintance|aunt uncle cousin kin relative family|' +
  'brother sister sibling|king monarch sovereign majesty|queen monarch majesty|lord nobleman earl duke|lady gentlewoman woman|' +
  'church chapel sermon preach minister priest parson|pray prayer god|soldier army troop trooper military|sailor seaman mariner navy fleet|' +
  'ship vessel boat frigate yacht barge|car automobile vehicle drive|coach carriage cart wagon|horse pony mare|dog puppy hound|cat kitten puss|' +
  'bird parrot canary pigeon|ape monkey baboon|fur hair wool|house home building dwelling|room chamber bedroom|cellar basement vault|' +
  'garden yard lawn|street road lane highway|shop store market|inn tavern pub alehouse hotel|office workplace desk|job work employment career|' +
  'boss manager chief|money cash coin gold silver|pay payment paid wage salary cost price|buy purchase bought|sell sale trade|rich wealthy wealth|' +
  'poor poverty|debt owe loan borrow lend|rob steal theft thief robber burglar|gift present give|letter mail note message write|' +
  'phone call telephone number|book read novel volume|journal diary|newspaper news gazette|paper document|picture painting portrait paint drawing|' +
  'music song sing tune melody|violin fiddle|flute flageolet recorder|dance dancing ball|play theatre theater stage act comedy tragedy|actor actress player|' +
  'game sport match|card gamble bet wager|puppet marionette doll|clothes dress suit garment gown coat clothing wear|hat cap bonnet|wig periwig peruke|' +
  'shoe boot slipper|glove mitten|jewel ring necklace jewellery|spectacle glasses eyeglass|glass lens telescope spyglass|watch clock timepiece hour|' +
  'eye sight vision see blind|look see watch gaze stare|ear hear deaf listen|head skull|arm embrace hug cuddle|kiss lip|hand finger|foot leg|belly stomach|' +
  'tooth dentist|blood bleed vein|hair beard shave barber|bath wash clean bathe|dirty filthy foul mess dung|smell stink odour|' +
  'sleep bed asleep nap|dream nightmare|wake awake rise|tired weary exhausted|happy glad merry joy cheerful pleased delight|' +
  'sad sorrow grief unhappy melancholy miserable|angry anger furious rage vexed mad cross|afraid fear frightened scared terror|' +
  'quarrel argue argument dispute row fight|fight battle war combat duel|laugh joke funny jest mirth|cry weep tear|love fond affection lover|' +
  'hate dislike loathe despise|jealous envy jealousy|proud pride vain|ashamed shame embarrassed|lie false deceive cheat|true truth honest|' +
  'pretty beautiful handsome lovely fair attractive|ugly plain hideous|fat stout plump|thin lean slim|old aged ancient elderly|young youth|' +
  'big large great huge enormous|small little tiny|good fine excellent|bad poor terrible awful worst|new modern novel|quick fast rapid speed swift|slow late|' +
  'cold frost ice freeze chilly|hot heat warm|rain wet storm shower|wind storm gale tempest|snow frost ice|thunder lightning|fire burn flame blaze singe burnt|' +
  'water river sea lake|flood drown|wine beer ale drink liquor|tea coffee chocolate|drunk tipsy|knife sword blade dagger|gun pistol musket shoot|' +
  'powder explosion explode|prison jail gaol tower dungeon|judge court trial law lawyer|guilty crime criminal|house rent lease landlord|' +
  'school teacher learn study lesson|learn memorize memorise heart rote|number count sum arithmetic multiply multiplication|' +
  'travel journey trip voyage visit|holiday vacation|abroad foreign|map chart|key lock|door gate entrance|window pane|stair step|' +
  'plague pestilence infection epidemic|parliament house commons senate|vote election elect|tax duty excise|begin start commence|end finish stop conclude|' +
  'give hand deliver|take seize grab|catch caught capture discover find|hide conceal bury secret|lose lost missing|find discover found|dig excavate unearth|' +
  'break broke shatter smash|mend repair fix|throw cast fling|fall drop tumble|climb ascend|jump leap|run race|walk stroll march|ride rode|' +
  'birthday anniversary|star planet comet moon|science experiment experimental|bug insect worm vermin|farm farmer country'

/** From each word to the words of its groups, itself left out. */
export function relatedWords(stem: (word: string) => string): ReadonlyMap<string, readonly string[]> {
  const related = new Map<string, Set<string>>()
  for (const group of GROUPS.split('|')) {
    const stems = new Set(group.split(' ').map(stem))
    for (const word of stems) {
      const others = related.get(word) ?? new Set<string>()
      for (const other of stems) if (other !== word) others.add(other)
      related.set(word, others)
    }
  }
  return new Map([...related].map(([word, others]) => [word, [...others]]))
}
