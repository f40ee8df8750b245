/**
 * XML: the part of XML 1.0 that PMML uses: elements, attributes, comments. It reads no document type, so that a file can
 * define no entities, and names no other file. Text between elements is skipped, because the models here have none.
 */

export type XmlElement = { name: string; attributes: Readonly<Record<string, string>>; children: XmlElement[] }

export type XmlResult = { ok: true; root: XmlElement } | { ok: false; message: string }

/** A tree of a forest nests one element a level; no tool grows deeper ones. */
const DEPTH_MAX = 512

/** A file of 128 MB with shorter elements than PMML has. */
const ELEMENTS_MAX = 3_000_000

const TOKEN = /<(?:!--|!\[CDATA\[|!|\?|\/)?/g
const NAME = /[A-Za-z_][\w.:-]{0,200}/y
const ATTRIBUTE = /\s+([A-Za-z_][\w.:-]{0,200})\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y
const END = /\s*(\/?)>/y

/** Ends the reading with a reason. It never leaves this file. */
class Malformed extends Error {}

/** Reads a document of one root. */
export function readXml(text: string): XmlResult {
  try {
    return { ok: true, root: readDocument(text) }
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, message: error.message }
    throw error
  }
}

type State = { text: string; at: number; open: XmlElement[]; root: XmlElement | undefined; count: number }

function readDocument(text: string): XmlElement {
  const state: State = { text, at: 0, open: [], root: undefined, count: 0 }
  for (;;) {
    TOKEN.lastIndex = state.at
    const found = TOKEN.exec(text)
    if (!found) break
    state.at = TOKEN.lastIndex
    readToken(state, found[0])
  }
  const [unclosed] = state.open
  if (unclosed) throw new Malformed(`the element ${unclosed.name} is not closed; the file was cut`)
  if (!state.root) throw new Malformed('the file has no element')
  return state.root
}

/** The ends of parts that are skipped. */
const SKIPPED: Readonly<Record<string, string>> = { '<!--': '-->', '<?': '?>', '<![CDATA[': ']]>' }

function readToken(state: State, token: string): void {
  const end = SKIPPED[token]
  if (end !== undefined) skipPast(state, end)
  else if (token === '<!') throw new Malformed('the file has a document type, which can define entities; remove it')
  else if (token === '</') closeElement(state)
  else openElement(state)
}

function skipPast(state: State, end: string): void {
  const found = state.text.indexOf(end, state.at)
  if (found === -1) throw new Malformed(`"${end}" is missing; the file was cut`)
  state.at = found + end.length
}

function openElement(state: State): void {
  const element: XmlElement = { name: localName(take(state, NAME)[0]), attributes: readAttributes(state), children: [] }
  const [, selfClosing] = take(state, END)
  state.count += 1
  if (state.count > ELEMENTS_MAX) throw new Malformed(`the file has more than ${ELEMENTS_MAX} elements`)
  if (state.open.length >= DEPTH_MAX) throw new Malformed(`the file nests more than ${DEPTH_MAX} elements`)
  const parent = state.open.at(-1)
  if (parent) parent.children.push(element)
  else if (state.root) throw new Malformed('the file has two roots')
  else state.root = element
  if (selfClosing !== '/') state.open.push(element)
}

function closeElement(state: State): void {
  const name = localName(take(state, NAME)[0])
  take(state, END)
  const element = state.open.pop()
  if (element?.name !== name) throw new Malformed(`the element ${element?.name ?? 'none'} is closed as ${name}`)
}

function readAttributes(state: State): Record<string, string> {
  const attributes: Record<string, string> = Object.create(null)
  for (;;) {
    ATTRIBUTE.lastIndex = state.at
    const found = ATTRIBUTE.exec(state.text)
    if (!found) return attributes
    state.at = ATTRIBUTE.lastIndex
    const [, name = '', double, single = ''] = found
    if (name in attributes) throw new Malformed(`an element has the attribute ${name} twice`)
    attributes[name] = plainText(double ?? single)
  }
}

/** The match at the present place, which it passes. */
function take(state: State, pattern: RegExp): RegExpExecArray {
  pattern.lastIndex = state.at
  const found = pattern.exec(state.text)
  if (!found) throw new Malformed(`the tag at character ${state.at} cannot be read`)
  state.at = pattern.lastIndex
  return found
}

/** A namespace prefix has no meaning here. */
const localName = (name: string) => name.slice(name.indexOf(':') + 1)

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** [XML 1.0, 4.6] The five entities that each document has, and characters by their number. */
function plainText(text: string): string {
  return text.replaceAll(/&(#x[\da-fA-F]{1,6}|#\d{1,7}|\w{1,40})?;?/g, (whole, name: string | undefined) => {
    if (name === undefined || !whole.endsWith(';')) throw new Malformed('an attribute has "&" by itself')
    if (!name.startsWith('#')) {
      const known = ENTITIES[name]
      if (known === undefined) throw new Malformed(`the entity &${name}; is not known`)
      return known
    }
    const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
    if (code > 0x10ffff) throw new Malformed(`the character ${name} does not exist`)
    return String.fromCodePoint(code)
  })
}
