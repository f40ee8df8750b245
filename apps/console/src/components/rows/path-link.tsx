/** Path link: a link to a path that the hub has sent. The router's own links need to know the page. */
import { useRouter } from '@tanstack/react-router'
import type { MouseEvent, ReactNode } from 'react'

type PathLinkProps = { path: string; className?: string; children: ReactNode }

/** Opens the path without loading the page anew. The browser handles a new tab. */
export function PathLink({ path, className, children }: PathLinkProps) {
  const { history } = useRouter()
  const follow = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    history.push(path)
  }
  return (
    <a href={path} onClick={follow} className={className}>
      {children}
    </a>
  )
}
