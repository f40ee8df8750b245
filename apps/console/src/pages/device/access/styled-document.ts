/**
 * Styled document: lets xterm draw under the policy of the page, which allows no styles in elements. xterm writes its
 * colours and sizes into elements `style` and into attributes `style`. Here the first become style sheets of the
 * document, and the second go through the element's style object. The policy allows both, because no text that is
 * parsed as a page can do it [CSP 3, 6.1.16].
 */

/** Runs the work, which may create elements `style`. */
export function withStyledDocument(work: () => void): void {
  Object.defineProperty(document, 'createElement', { configurable: true, value: createStyled })
  try {
    work()
  } finally {
    Reflect.deleteProperty(document, 'createElement')
  }
}

const createStyled = (tag: string): HTMLElement =>
  tag === 'style' ? createSheet() : Document.prototype.createElement.call(document, tag)

/** The policy rejects even an empty element `style`. This one is never drawn, and stands for a style sheet. */
function createSheet(): HTMLElement {
  const element = Document.prototype.createElement.call(document, 'template')
  const sheet = new CSSStyleSheet()
  document.adoptedStyleSheets.push(sheet)
  Object.defineProperty(element, 'textContent', { set: (text: string) => sheet.replaceSync(text), get: () => '' })
  element.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet)
    Element.prototype.remove.call(element)
  }
  return element
}

/** xterm gives a cell its own colour by the attribute `style`. Nothing else in the console sets that attribute. */
HTMLSpanElement.prototype.setAttribute = function setAttribute(this: HTMLSpanElement, name: string, value: string) {
  if (name === 'style') this.style.cssText = value
  else Element.prototype.setAttribute.call(this, name, value)
}
