/** Sign-in: a key becomes a session. A link may bring the key behind `#key=`, which browsers never send anywhere; it is taken out of the address at once. */
import { problemOf } from '@skerry/client/problem'
import { KeySecret } from '@skerry/contract/key'
import { useQueryClient } from '@tanstack/react-query'
import { useRouter, useSearch } from '@tanstack/react-router'
import { useCallback, useEffect, useState } from 'react'
import { Field, INPUT } from '../../components/fields.tsx'
import { setConnectionState } from '../../hub/connection-state.ts'
import { hub } from '../../hub/hub-client.ts'
import { noteSession } from '../../hub/session-hint.ts'
import { texts } from '../../texts/english.ts'
import markUrl from '../../theme/mark.svg'

/** The page at /sign-in. */
export function SignInPage() {
  const { next } = useSearch({ from: '/sign-in' })
  const [key, setKey] = useState('')
  const { signIn, isBusy, error } = useSignIn(next ?? '/')
  useEffect(() => {
    document.title = `${texts.signIn.title} · ${texts.shell.product}`
    const takeLinkedKey = () => {
      const linked = new URLSearchParams(window.location.hash.slice(1)).get('key')
      if (linked === null) return
      window.history.replaceState(null, '', window.location.pathname + window.location.search)
      setKey(linked)
      void signIn(linked)
    }
    takeLinkedKey()
    window.addEventListener('hashchange', takeLinkedKey)
    return () => window.removeEventListener('hashchange', takeLinkedKey)
  }, [signIn])
  return (
    <main className="grid min-h-full place-items-center p-6">
      <div className="card w-full max-w-md p-7">
        <div className="flex items-center gap-3">
          <img src={markUrl} alt="" className="size-10" />
          <div>
            <p className="text-sm font-medium text-soft">{texts.shell.product}</p>
            <h1 className="text-xl leading-tight font-semibold tracking-tight">{texts.signIn.title}</h1>
          </div>
        </div>
        <p className="mt-4 text-sm text-soft">
          {next === undefined || next === '/' ? texts.signIn.lead : texts.signIn.ended}
        </p>
        <form
          className="mt-5 flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault()
            void signIn(key.trim())
          }}
        >
          <Field label={texts.signIn.key} hint={texts.signIn.keyHint} error={error}>
            {(control) => (
              <input
                {...control}
                type="password"
                autoComplete="current-password"
                spellCheck={false}
                className={`${INPUT} h-10 font-mono`}
                value={key}
                onChange={(event) => setKey(event.target.value)}
              />
            )}
          </Field>
          <button
            type="submit"
            disabled={isBusy || key.trim() === ''}
            className="h-10 rounded-md bg-accent px-4 text-sm font-medium text-on-accent transition-colors hover:bg-accent-strong disabled:bg-raised disabled:text-faint"
          >
            {isBusy ? texts.signIn.busy : texts.signIn.submit}
          </button>
        </form>
      </div>
    </main>
  )
}

function useSignIn(next: string) {
  const client = useQueryClient()
  const router = useRouter()
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const signIn = useCallback(
    async (key: string) => {
      const parsed = KeySecret.safeParse(key)
      if (!parsed.success) return setError(texts.signIn.notAKey)
      setBusy(true)
      setError(undefined)
      try {
        const { expiresAtMs } = await hub.session.create({ key: parsed.data })
        noteSession(expiresAtMs)
        client.clear()
        setConnectionState('connecting')
        await router.navigate({ href: next })
      } catch (thrown) {
        setError(problemOf(thrown).message)
        setBusy(false)
      }
    },
    [client, router, next],
  )
  return { signIn, isBusy, error }
}
