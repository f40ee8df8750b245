/**
 * Compare package versions: the order of versions in an ecosystem. Undefined if the hub does not know the order: a wrong
 * order would hide a vulnerability.
 */

/** Negative if `a` is older than `b`. */
export function comparePackageVersions(ecosystem: string, a: string, b: string): number | undefined {
  const [base = ''] = ecosystem.split(':')
  if (DPKG.has(base)) return compareDebian(a, b)
  if (SEMVER.has(base)) return compareSemantic(a, b)
  return comparePlain(a, b)
}

const DPKG = new Set(['Debian', 'Ubuntu'])
const SEMVER = new Set(['npm', 'crates.io', 'Go', 'Hex', 'Pub', 'SwiftURL', 'GitHub Actions'])

/** [Debian Policy 5.6.12] Epoch, upstream version, revision. */
function compareDebian(a: string, b: string): number {
  const [left, right] = [debianParts(a), debianParts(b)]
  return (
    left.epoch - right.epoch ||
    compareDebianPart(left.upstream, right.upstream) ||
    compareDebianPart(left.revision, right.revision)
  )
}

function debianParts(text: string) {
  const [, epoch = '0', rest = ''] = /^(?:(\d+):)?(.*)$/s.exec(text) ?? []
  const dash = rest.lastIndexOf('-')
  if (dash < 0) return { epoch: Number(epoch), upstream: rest, revision: '' }
  return { epoch: Number(epoch), upstream: rest.slice(0, dash), revision: rest.slice(dash + 1) }
}

/** A part without digits, then a number, and so on. The part without digits is compared by the order of `rankOf`. */
function compareDebianPart(a: string, b: string): number {
  let [left, right] = [a, b]
  while (left !== '' || right !== '') {
    const [, leftWord = '', leftNumber = '', leftRest = ''] = DEBIAN_PIECE.exec(left) ?? []
    const [, rightWord = '', rightNumber = '', rightRest = ''] = DEBIAN_PIECE.exec(right) ?? []
    const order = compareWords(leftWord, rightWord) || compareNumbers(leftNumber, rightNumber)
    if (order !== 0) return order
    left = leftRest
    right = rightRest
  }
  return 0
}

const DEBIAN_PIECE = /^(\D*)(\d*)(.*)$/s

function compareWords(a: string, b: string): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const order = rankOf(a[at]) - rankOf(b[at])
    if (order !== 0) return order
  }
  return 0
}

/** A tilde stands before the end, the end before letters, and letters before all else. */
function rankOf(character: string | undefined): number {
  if (character === undefined) return 0
  if (character === '~') return -1
  const code = character.charCodeAt(0)
  return /[A-Za-z]/.test(character) ? code : code + 256
}

/** Numbers of any length, as text. */
function compareNumbers(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')]
  if (left.length !== right.length) return left.length - right.length
  return left === right ? 0 : left < right ? -1 : 1
}

const SEMANTIC = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/

/** [semver.org, 11] */
function compareSemantic(a: string, b: string): number | undefined {
  const [left, right] = [SEMANTIC.exec(a), SEMANTIC.exec(b)]
  if (!left || !right) return undefined
  for (const at of [1, 2, 3]) {
    const order = compareNumbers(left[at] ?? '', right[at] ?? '')
    if (order !== 0) return order
  }
  const [before, after] = [left[4], right[4]]
  if (before === undefined || after === undefined) return Number(before === undefined) - Number(after === undefined)
  return comparePrerelease(before.split('.'), after.split('.'))
}

function comparePrerelease(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const [left = '', right = ''] = [a[at], b[at]]
    const [isLeft, isRight] = [/^\d+$/.test(left), /^\d+$/.test(right)]
    if (isLeft !== isRight) return isLeft ? -1 : 1
    const order = isLeft ? compareNumbers(left, right) : left < right ? -1 : Number(left > right)
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** Numbers with dots, with a letter and a revision of Alpine behind. Every other form has rules of its own. */
const PLAIN = /^v?(\d+(?:\.\d+)*)([a-z]?)(?:-r(\d+))?$/

function comparePlain(a: string, b: string): number | undefined {
  if (a === b) return 0
  const [left, right] = [PLAIN.exec(a), PLAIN.exec(b)]
  if (!left || !right) return undefined
  return (
    compareDotted(left[1] ?? '', right[1] ?? '') ||
    compareWords(left[2] ?? '', right[2] ?? '') ||
    compareNumbers(left[3] ?? '', right[3] ?? '')
  )
}

function compareDotted(a: string, b: string): number {
  const [left, right] = [a.split('.'), b.split('.')]
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const order = compareNumbers(left[at] ?? '', right[at] ?? '')
    if (order !== 0) return order
  }
  return 0
}
