/**
 * Comment words: the sentences of the comments of a TypeScript file, and whether a sentence stands on a headless clause, such as "What is left is sent."
 * A comment counts when it stands on lines of its own; a comment behind code is not counted. Sentences end at a full stop before a space.
 */

/** The comments of a file, each joined to one line. Lines that follow each other with `//` are one comment. */
export function commentsOf(text: string): string[] {
  const comments: string[] = []
  let open: string[] = []
  let isBlock = false
  const close = () => {
    if (open.length > 0) comments.push(open.join(' ').replace(/\s+/g, ' ').trim())
    open = []
    isBlock = false
  }
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    if (!isBlock && /^\/\*/.test(line)) {
      close()
      isBlock = true
    }
    if (isBlock) {
      open.push(line.replace(/\*+\/.*$/, '').replace(/^\/?\*+\s?/, ''))
      if (line.includes('*/')) close()
    } else if (line.startsWith('//')) open.push(line.replace(/^\/+\s?/, ''))
    else close()
  }
  close()
  return comments.filter((comment) => comment !== '')
}

/** A full stop inside of a name, a number or code ends no sentence, because no space follows it. */
export const sentencesOf = (comment: string): string[] =>
  comment
    .split(/(?<=[.?!][)"'`]?)\s+(?=["'`(]?[A-Z0-9`])/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => /[a-z]/i.test(sentence))

/** A clause after one of these is an indirect question, which is standard English: "The page says what to do next." */
const ASKING_VERBS =
  /\b(?:say|says|said|know|knows|known|show|shows|decide|decides|describe|describes|explain|explains|define|defines|determine|determines|see|sees|matter|matters|ask|asks|check|checks|choose|chooses|report|reports)\s+$/i

/** A word that is no noun cannot be the antecedent of `who`. */
const NO_ANTECEDENT =
  /(?:^|[,;:(]\s*|\b(?:of|for|to|by|from|with|and|or|than|but|as|if|when|where|in|on|at|before|after|between|is|are|was|were|be|has|have|tell|tells|told|let|lets|not)\s+)$/i

/**
 * The rule, for a machine. A sentence stands on a headless clause if it begins with What, Who, Whoever, Whom, Whose or Those who; if it has `whoever` or
 * `whomever` anywhere; if it has `what` after anything but a verb that asks; or if it has `who` or `whom` after a word that is no noun. A question is none.
 */
export function isHeadless(sentence: string): boolean {
  const text = sentence.replace(/`[^`]*`|"[^"]*"/g, 'it')
  if (text.endsWith('?')) return false
  if (/^\W*(?:what|who|whoever|whom|whose|those who)\b/i.test(text)) return true
  if (/\bwho(?:m)?ever\b/i.test(text)) return true
  return (
    hasHeadlessWhom(text) ||
    [...text.matchAll(/\b(what|who)\b/gi)].some(({ 1: word = '', index }) => {
      const before = text.slice(0, index)
      if (ASKING_VERBS.test(before)) return false
      return word.toLowerCase() === 'what' || NO_ANTECEDENT.test(before)
    })
  )
}

/** After a preposition, `whom` has its antecedent before that: "the person to whom the key belongs". */
const hasHeadlessWhom = (text: string): boolean =>
  [...text.matchAll(/\bwhom\b/gi)].some(({ index }) => NO_NOUN_BEFORE_WHOM.test(text.slice(0, index)))

const NO_NOUN_BEFORE_WHOM = /(?:^|[,;:(]\s*|\b(?:and|or|is|are)\s+)$/i

export type WordCount = { folder: string; sentences: number; headless: number; percent: number }

/** `files`: the folder of each file, and its text. In the order of the folders' names, with all of them together last. */
export function countWords(files: readonly { folder: string; text: string }[]): WordCount[] {
  const counts = new Map<string, { sentences: number; headless: number }>()
  for (const { folder, text } of files) {
    const sentences = commentsOf(text).flatMap(sentencesOf)
    const headless = sentences.filter(isHeadless).length
    for (const name of [folder, 'all']) {
      const known = counts.get(name) ?? { sentences: 0, headless: 0 }
      counts.set(name, { sentences: known.sentences + sentences.length, headless: known.headless + headless })
    }
  }
  const order = [...counts.keys()].filter((name) => name !== 'all').sort()
  return [...order, 'all'].map((folder) => {
    const { sentences, headless } = counts.get(folder) ?? { sentences: 0, headless: 0 }
    return {
      folder,
      sentences,
      headless,
      percent: sentences === 0 ? 0 : Math.round((headless / sentences) * 1_000) / 10,
    }
  })
}
