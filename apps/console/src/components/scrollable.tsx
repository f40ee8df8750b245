/**
 * Scrollable: an element that scrolls by itself. The keyboard reaches it; otherwise a person without a mouse could not
 * read it to its end [WCAG 2.2, 2.1.1].
 */
import { type ComponentProps, createElement } from 'react'

type ScrollableProps = ComponentProps<'div'> & { as?: 'div' | 'pre' | 'section' }

export const Scrollable = ({ as = 'div', ...rest }: ScrollableProps) =>
  createElement<ComponentProps<'div'>>(as, { tabIndex: 0, ...rest })
