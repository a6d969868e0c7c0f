const FUNCTION_WORDS =
  'a about above after again all also am among an and any are as at be because been before being below between both but by can cannot ' +
  'could did do does doing don done down during each either else ever every few for from further had has hath have having he hence her ' +
  'here hers herself him himself his how i if in into is it its itself just ll may me might more most much must my myself neither no nor ' +
  'not now of off on once one only or other our ours ourselves out over own re same shall she should since so some such than that the ' +
  'thee their theirs them themselves then thence there these they this those thou though through thus thy till to too under unto until up ' +
  'upon us very was we were what when where whereas wherein whether which while who whom whose why will with within without would yet you ' +
  'your yours yourself ve aren couldn didn doesn hadn hasn haven isn shouldn wasn weren wouldn'

/**
 * English words that carry grammar rather than meaning, as they stand before
 * stemming. They are never forbidden to match: they only weigh little where
 * they are also common.
 */
export function functionWords(): ReadonlySet<string> {
  return new Set(FUNCTION_WORDS.split(' '))
}
