/**
 * Moved dialog: another page of this browser went to another organisation, so that the hub answers nothing here any more. Nothing moves by
 * itself: what somebody was writing is still there when they go back.
 */
import { problemOf } from '@skerry/client/problem'
import { useQuery } from '@tanstack/react-query'
import { Dialog as Radix } from 'radix-ui'
import { useState } from 'react'
import { Button } from '../components/button.tsx'
import { Backdrop } from '../components/dialogs/dialog.tsx'
import { hub } from '../hub/hub-client.ts'
import { shownOrganisation } from '../hub/shown-organisation.ts'
import { texts } from '../texts/english.ts'
import { goOnIn } from './switch-organisation.ts'

const words = texts.shell.organisation

/** Stays until somebody chooses. */
export function MovedDialog({ onBack }: { onBack: () => void }) {
  const [failure, setFailure] = useState<string>()
  const shown = shownOrganisation() ?? ''
  // Asked here only, and never again: with what a query of the page brings, the page would take itself for somewhere else.
  const { data } = useQuery({
    queryKey: ['moved'],
    queryFn: async ({ signal }) => (await hub.account.organisations({}, { signal })).rows,
    gcTime: 0,
    staleTime: 0,
  })
  const now = data?.find(({ isThis }) => isThis)?.organisation
  const mayGoBack = data?.some(({ organisation }) => organisation === shown) === true
  const back = async () => {
    try {
      await hub.account.switchOrganisation({ organisation: shown })
      onBack()
    } catch (error) {
      setFailure(problemOf(error).message)
    }
  }
  return (
    <Radix.Root open>
      <Radix.Portal>
        <Backdrop />
        <Radix.Content
          onEscapeKeyDown={(event) => event.preventDefault()}
          className="fixed top-[12vh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-lg -translate-x-1/2 rounded-xl border border-line bg-surface p-5 shadow-float"
        >
          <Radix.Title className="text-lg leading-tight font-semibold">{words.moved(now)}</Radix.Title>
          <Radix.Description className="mt-1.5 text-sm text-soft">{words.movedLead(shown)}</Radix.Description>
          {failure !== undefined && (
            <p role="alert" className="mt-3 text-sm wrap-anywhere text-bad">
              {failure}
            </p>
          )}
          <div className="mt-5 flex flex-wrap justify-end gap-2">
            {mayGoBack && <Button onClick={() => void back()}>{words.back(shown)}</Button>}
            <Button look="primary" onClick={() => void goOnIn(now ?? '')}>
              {words.goOn(now)}
            </Button>
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
