/** Agent order: which of two versions of the agent is newer. */

type Parsed = { numbers: number[]; before: string[] }

/** [semver.org 11] Below 0 if `one` is older than `other`. Both are versions by the schema of the contract. */
export function compareAgentVersions(one: string, other: string): number {
  const [a, b] = [parse(one), parse(other)]
  for (const [place, number] of a.numbers.entries()) {
    const difference = number - (b.numbers[place] ?? 0)
    if (difference !== 0) return difference
  }
  // A version before a release is older than the release.
  if (a.before.length === 0 || b.before.length === 0) return b.before.length - a.before.length
  return compareWords(a.before, b.before)
}

function parse(version: string): Parsed {
  const dash = version.indexOf('-')
  const plain = dash === -1 ? version : version.slice(0, dash)
  return {
    numbers: plain.split('.').map(Number),
    before: dash === -1 ? [] : version.slice(dash + 1).split('.'),
  }
}

function compareWords(one: readonly string[], other: readonly string[]): number {
  for (const [place, word] of one.entries()) {
    const against = other[place]
    if (against === undefined) return 1
    if (word === against) continue
    const [isNumber, isOtherNumber] = [/^\d+$/.test(word), /^\d+$/.test(against)]
    if (isNumber && isOtherNumber) return Number(word) - Number(against)
    // Numbers come before words.
    if (isNumber !== isOtherNumber) return isNumber ? -1 : 1
    return word < against ? -1 : 1
  }
  return one.length - other.length
}
