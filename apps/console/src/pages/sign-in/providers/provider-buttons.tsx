/** Provider buttons: other ways to sign in, that the hub was told of. */
import type { Provider } from '@skerry/contract/people/user'
import { useEffect, useState } from 'react'
import { hub } from '../../../hub/hub-client.ts'
import { connectTexts } from '../english-connect.ts'
import { keepNext } from '../next-page.ts'
import { Refusal } from '../refusal.tsx'
import { useAttempt } from '../use-attempt.ts'

const words = connectTexts.providers

/** A button for each; nothing while none is known, so that nothing jumps where there are none. */
export function ProviderButtons({ next }: { next: string }) {
  const [providers, setProviders] = useState<readonly Provider[]>([])
  useEffect(() => {
    const stop = new AbortController()
    hub.account.providers({}, { signal: stop.signal }).then(
      ({ rows }) => setProviders(rows),
      // The password is the other way, and says what is wrong with the hub.
      () => undefined,
    )
    return () => stop.abort()
  }, [])
  if (providers.length === 0) return null
  return (
    <div className="mt-5 flex flex-col gap-3">
      <p className="flex items-center gap-3 text-xs text-soft before:h-px before:grow before:bg-line after:h-px after:grow after:bg-line">
        {words.or}
      </p>
      {providers.map((provider) => (
        <ProviderButton key={provider.id} provider={provider} next={next} />
      ))}
    </div>
  )
}

function ProviderButton({ provider, next }: { provider: Provider; next: string }) {
  const attempt = useAttempt(async () => {
    const { url } = await hub.account.beginProvider({ provider: provider.id })
    keepNext(next)
    window.location.assign(url)
  })
  return (
    <>
      <button
        type="button"
        disabled={attempt.isBusy}
        onClick={() => void attempt.go()}
        className="h-10 rounded-md border border-line px-4 text-sm font-medium transition-colors hover:bg-raised disabled:text-faint"
      >
        {attempt.isBusy ? words.busy : words.with(provider.label)}
      </button>
      <Refusal attempt={attempt} />
    </>
  )
}
