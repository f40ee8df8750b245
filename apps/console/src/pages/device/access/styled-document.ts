/**
 * Styled document: lets xterm draw under the policy of the page, which allows no styles in elements. xterm writes its
 * colours and sizes into elements `style` and into attributes `style`. Here the first become style sheets of the
 * document, and the second go through the element's style object. The policy allows both, because no text that is
 * parsed as a page can do it [CSP 3, 6.1.16].
 */

/** A document for the option `documentOverride` of xterm. */
export function styledDocument(): Document {
  return new Proxy(document, {
    get(target, name) {
      if (name === 'createElement') return createStyled
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

function createStyled(tag: string): HTMLElement {
  const element = document.createElement(tag)
  if (tag === 'style') return withSheet(element)
  // The cells of the terminal.
  if (tag === 'span') {
    element.setAttribute = (name, value) => {
      if (name === 'style') element.style.cssText = value
      else Element.prototype.setAttribute.call(element, name, value)
    }
  }
  return element
}

function withSheet(element: HTMLElement): HTMLElement {
  const sheet = new CSSStyleSheet()
  document.adoptedStyleSheets.push(sheet)
  Object.defineProperty(element, 'textContent', { set: (text: string) => sheet.replaceSync(text), get: () => '' })
  const remove = element.remove.bind(element)
  element.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet)
    remove()
  }
  return element
}
