/** Path link: a link to a path of the console that the hub has given, where the router's own links want to know the page. */
import { useRouter } from '@tanstack/react-router'
import type { MouseEvent, ReactNode } from 'react'

type PathLinkProps = { path: string; className?: string; children: ReactNode }

/** Goes there without loading the page anew; a new tab is the browser's. */
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
