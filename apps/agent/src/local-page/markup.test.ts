import { expect, test } from 'vitest'
import { markup } from './markup.ts'

test('a value cannot add markup, in a text or in an attribute', () => {
  const hostile = `"><script>alert('1')</script>&`
  expect(markup`<p title="${hostile}">${hostile}</p>`.html).toBe(
    '<p title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;">&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;</p>',
  )
})

test('other markup stays as it is, and undefined leaves no trace', () => {
  expect(markup`<ul>${['a', '<b>'].map((text) => markup`<li>${text}</li>`)}${undefined}${7}</ul>`.html).toBe(
    '<ul><li>a</li><li>&lt;b&gt;</li>7</ul>',
  )
})
