/** Sidebar: links to every page. On a narrow screen it slides over the page. */
import { Link } from '@tanstack/react-router'
import { ChevronDown, X } from 'lucide-react'
import { useEffect } from 'react'
import { cn } from '../components/class-names.ts'
import { texts } from '../texts/english.ts'
import markUrl from '../theme/mark.svg'
import { toggleGroup, useFoldedGroups } from './folded-groups.ts'
import type { ListedDestination, NavigationGroup } from './navigation.ts'
import { usePlaces } from './use-places.ts'
import { useWaiting } from './use-waiting.ts'

/** `isOpen` matters only on a narrow screen. */
export function Sidebar({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  useEffect(() => {
    if (!isOpen) return
    const onKey = (event: KeyboardEvent) => event.key === 'Escape' && onClose()
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [isOpen, onClose])
  const { groups } = usePlaces()
  return (
    <>
      {isOpen && <div aria-hidden className="fixed inset-0 z-30 bg-black/40 md:hidden" onClick={onClose} />}
      <aside
        className={cn(
          'z-40 flex-col border-r border-line bg-surface md:row-span-2 md:flex',
          isOpen ? 'fixed inset-y-0 left-0 flex w-60 shadow-float' : 'hidden',
        )}
      >
        <div className="flex h-14 items-center justify-between px-4">
          <Link
            to="/"
            onClick={onClose}
            className="flex items-center gap-2.5 rounded-md text-base font-semibold tracking-tight"
          >
            <img src={markUrl} alt="" className="size-7" />
            {texts.shell.product}
          </Link>
          {isOpen && (
            <button
              type="button"
              aria-label={texts.common.close}
              onClick={onClose}
              className="rounded p-1 text-faint md:hidden"
            >
              <X size={18} aria-hidden />
            </button>
          )}
        </div>
        <nav aria-label={texts.shell.navigation} className="flex min-h-0 flex-col gap-0.5 overflow-y-auto px-2.5 py-2">
          {groups.map((group) => (
            <Group key={group.id} {...group} onGo={onClose} />
          ))}
        </nav>
      </aside>
    </>
  )
}

type GroupProps = NavigationGroup & { onGo: () => void }

/** A folded group shows the number of waiting items on all its pages. */
function Group({ id, text, pages, onGo }: GroupProps) {
  const waiting = useWaiting()
  const isFolded = useFoldedGroups().has(id) && text !== undefined
  const links = pages.map((page) => <PageLink key={page.to} {...page} waiting={waiting[page.to]} onGo={onGo} />)
  if (text === undefined) return <div className="mt-2.5 first:mt-0">{links}</div>
  const total = pages.reduce((sum, { to }) => sum + (waiting[to] ?? 0), 0)
  return (
    <div className="mt-2.5 flex flex-col gap-0.5">
      <button
        type="button"
        aria-expanded={!isFolded}
        onClick={() => toggleGroup(id)}
        className="flex h-7 items-center gap-1.5 rounded-md px-2.5 text-xs font-medium text-faint hover:text-text"
      >
        {text}
        <ChevronDown size={13} aria-hidden className={cn('transition-transform', isFolded && '-rotate-90')} />
        {isFolded && <Count value={total} />}
      </button>
      {!isFolded && links}
    </div>
  )
}

type PageLinkProps = ListedDestination & { waiting: number | undefined; onGo: () => void }

const PageLink = ({ to, text, icon: Icon, waiting, onGo }: PageLinkProps) => (
  <Link
    to={to}
    onClick={onGo}
    activeOptions={{ exact: to === '/', includeSearch: false }}
    className="flex h-9 items-center gap-2.5 rounded-md px-2.5 text-sm font-medium text-soft hover:bg-raised hover:text-text data-[status=active]:bg-raised data-[status=active]:text-text data-[status=active]:[&>svg]:text-accent"
  >
    <Icon size={17} aria-hidden />
    {text}
    <Count value={waiting} />
  </Link>
)

/** The number of items that wait for this person. */
const Count = ({ value = 0 }: { value: number | undefined }) =>
  value > 0 && (
    <span className="ml-auto min-w-5 rounded-full bg-warn px-1.5 text-center text-2xs leading-4.5 font-bold text-surface tabular">
      <span aria-hidden>{texts.alerts.many(value)}</span>
      <span className="sr-only">{texts.shell.nav.waiting(value)}</span>
    </span>
  )
