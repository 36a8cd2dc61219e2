// Every bound of the engine in one place. A tree beyond a bound is refused by `parseTree`; an event that
// reaches one ends with a clear error and never hangs. Names end in their unit or say what they count.

/** The engine's bounds. Lengths are UTF-16 code units unless the name says bytes. */
export const limits = Object.freeze({
  nodesPerEvent: 50,
  redirectsPerEvent: 20,
  effectsPerEvent: 100,
  stateBytes: 262_144,
  /** Work all expressions, keyword and regex searches of one event may do together, in abstract steps. */
  expressionStepsPerEvent: 1_000_000,
  /** Work one template, and all templates of one event, may do: characters made plus loop turns. */
  templateStepsPerRender: 100_000,
  templateStepsPerEvent: 1_000_000,
  /** JSON values a template or expression can reach through one of event.data, meta, member.fields, variables. */
  scopeValues: 10_000,
  jsonDepth: 32,
  eventTextLength: 16_384,
  tagsPerMember: 200,
  variablesPerMember: 500,

  treeValues: 60_000,
  /** All texts of a tree together, keys included. */
  treeTextLength: 4_000_000,
  treeJsonDepth: 48,
  nodesPerTree: 500,
  triggerGroupsPerNode: 10,
  triggersPerGroup: 20,
  keywordsPerTrigger: 200,
  payloadsPerTrigger: 100,
  actionsPerList: 30,
  responsesPerNode: 20,
  variationsPerResponse: 20,
  localesPerResponse: 50,
  buttonsPerResponse: 10,
  quickRepliesPerResponse: 13,
  sectionsPerList: 10,
  rowsPerSection: 10,
  cardsPerCarousel: 10,
  buttonsPerCard: 3,
  childrenPerNode: 100,
  tagsPerNode: 20,
  mistakes: 200,

  compositeIdLength: 64,
  nameLength: 120,
  descriptionLength: 2000,
  keywordLength: 256,
  payloadLength: 256,
  eventTypeLength: 128,
  tagLength: 64,
  titleLength: 80,
  rowDescriptionLength: 200,
  cardTextLength: 1024,
  /** The name and the address of a location. */
  placeLength: 256,
  fileNameLength: 200,
  urlLength: 2048,
  reasonLength: 500,
  templateLength: 8192,
  textLength: 4096,
  regexLength: 512,
  /** Instructions of a compiled regular expression; with the text's length it bounds the time of a match. */
  regexProgramSize: 1000,
  expressionLength: 2000,
  expressionNodes: 300,
  expressionDepth: 40,

  traceCandidates: 100,
  traceStringLength: 1024,
} as const);
