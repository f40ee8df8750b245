/** Shell: the frame of every page: the navigation, the hub's state, and the keys. */
import { useQueryClient } from '@tanstack/react-query'
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { Toasts } from '../components/toasts.tsx'
import { setConnectionState, useConnectionState } from '../hub/connection-state.ts'
import { followLevels } from '../hub/live-updates.ts'
import { tellPresence } from '../hub/presence.ts'
import { noteNoSession } from '../hub/session-hint.ts'
import { forgetAll } from '../hub/shown-organisation.ts'
import { useTourStep } from '../pages/tour/tour-state.ts'
import { texts } from '../texts/english.ts'
import { ConnectionBanner } from './connection-banner.tsx'
import { Header } from './header.tsx'
import { useKeys } from './keys.ts'
import { Sidebar } from './sidebar.tsx'

/** Loaded separately, because people rarely see it. */
const MovedDialog = lazy(async () => ({ default: (await import('./moved-dialog.tsx')).MovedDialog }))

/** Loaded at its first use, with the parts of dialogs. */
const KeyHelp = lazy(async () => ({ default: (await import('./key-help.tsx')).KeyHelp }))

/** Loaded at its first use, because it is a tenth of the first load. */
const Palette = lazy(async () => ({ default: (await import('./palette/palette.tsx')).Palette }))

/** Loaded only for people who take the tour. */
const TourPanel = lazy(async () => ({ default: (await import('../pages/tour/tour-panel.tsx')).TourPanel }))

export function Shell() {
  const [open, setOpen] = useState<'palette' | 'keys' | 'menu'>()
  const [visit, setVisit] = useState(0)
  useLevels(visit)
  useSessionEnd()
  useKeys({ onPalette: () => setOpen('palette'), onHelp: () => setOpen('keys') })
  const close = () => setOpen(undefined)
  return (
    <div className="grid h-full grid-cols-1 grid-rows-[auto_minmax(0,1fr)] md:grid-cols-[13.5rem_minmax(0,1fr)]">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded focus:bg-surface focus:p-2"
      >
        {texts.shell.skip}
      </a>
      <Sidebar isOpen={open === 'menu'} onClose={close} />
      <Header onPalette={() => setOpen('palette')} onMenu={() => setOpen('menu')} />
      {/* Relative: a hidden text of a page would otherwise lengthen the document, which then has a second scrollbar. */}
      <div className="flex min-h-0 flex-col md:col-start-2">
        <main id="content" tabIndex={-1} className="relative flex min-h-0 flex-1 flex-col overflow-y-auto outline-none">
          <ConnectionBanner />
          <div className="min-h-0 flex-1">
            <Outlet />
          </div>
        </main>
        <Tour />
      </div>
      {open === 'palette' && (
        <Suspense>
          <Palette onClose={close} onHelp={() => setOpen('keys')} />
        </Suspense>
      )}
      {open === 'keys' && (
        <Suspense>
          <KeyHelp onClose={close} />
        </Suspense>
      )}
      <Moved onBack={() => setVisit((before) => before + 1)} />
      <Toasts />
    </div>
  )
}

function Tour() {
  const step = useTourStep()
  if (step === null) return null
  return (
    <Suspense>
      <TourPanel step={step} />
    </Suspense>
  )
}

/** The session is in a different organisation from the shown one. */
function Moved({ onBack }: { onBack: () => void }) {
  const client = useQueryClient()
  if (useConnectionState() !== 'moved') return null
  const goBack = () => {
    setConnectionState('connecting')
    onBack()
    void client.invalidateQueries()
  }
  return (
    <Suspense>
      <MovedDialog onBack={goBack} />
    </Suspense>
  )
}

/** Begins anew with each visit, so that no stream spans a stay in another organisation. */
function useLevels(visit: number) {
  const client = useQueryClient()
  useEffect(() => {
    if (visit < 0) return
    const stop = new AbortController()
    tellPresence(client, stop.signal)
    const unfollow = followLevels(client)
    return () => {
      stop.abort()
      unfollow()
    }
  }, [client, visit])
}

/**
 * An ended session leads to the sign-in. A session without its second factor leads to the page that sets it up. Both
 * lead back afterwards.
 */
function useSessionEnd() {
  const state = useConnectionState()
  const navigate = useNavigate()
  const client = useQueryClient()
  const href = useRouterState({ select: ({ location }) => location.href })
  // The old page sends requests until the next one is there. Their errors must not navigate a second time.
  const isLeaving = useRef(false)
  useEffect(() => {
    if (isLeaving.current || (state !== 'ended' && state !== 'barred')) return
    isLeaving.current = true
    if (state === 'ended') noteNoSession()
    setConnectionState('connecting')
    forgetAll(client)
    void navigate({ to: state === 'ended' ? '/sign-in' : '/second-factor', search: { next: href } })
  }, [state, navigate, client, href])
}
