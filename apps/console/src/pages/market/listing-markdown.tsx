/**
 * Listing markdown: the description of a publisher. HTML in it is shown as text, pictures are left out, and a link opens
 * only if it leads to a web page. The text of a stranger must neither run nor load anything here.
 */
import Markdown, { type Components } from 'react-markdown'

const components: Components = {
  h1: ({ children }) => <h2 className="mt-5 mb-2 text-base font-semibold first:mt-0">{children}</h2>,
  h2: ({ children }) => <h3 className="mt-5 mb-2 text-sm font-semibold first:mt-0">{children}</h3>,
  h3: ({ children }) => <h4 className="mt-4 mb-1.5 text-sm font-medium">{children}</h4>,
  p: ({ children }) => <p className="my-2.5 leading-relaxed first:mt-0 last:mb-0">{children}</p>,
  ul: ({ children }) => <ul className="my-2.5 list-disc space-y-1 pl-5">{children}</ul>,
  ol: ({ children }) => <ol className="my-2.5 list-decimal space-y-1 pl-5">{children}</ol>,
  code: ({ children }) => <code className="rounded bg-raised px-1 py-px font-mono text-xs">{children}</code>,
  pre: ({ children }) => <pre className="my-3 overflow-x-auto rounded-md bg-raised p-3 text-xs">{children}</pre>,
  a: ({ href, children }) =>
    /^https?:\/\//.test(href ?? '') ? (
      <a href={href} target="_blank" rel="noopener noreferrer" className="text-accent underline">
        {children}
      </a>
    ) : (
      <span>{children}</span>
    ),
}

export const ListingMarkdown = ({ text }: { text: string }) => (
  <div className="max-w-prose text-sm">
    <Markdown components={components} disallowedElements={['img']} unwrapDisallowed>
      {text}
    </Markdown>
  </div>
)
