/** Passkey button: in without a password. Nothing where the browser, or the address, has no passkeys. */
import { missingPasskeys, signInWithPasskey } from '../../hub/passkeys.ts'
import { passkeyTexts } from '../account/english-passkeys.ts'
import { Refusal } from './refusal.tsx'
import { useAttempt } from './use-attempt.ts'

type PasskeyButtonProps = { onDone: (session: { expiresAtMs: number }) => Promise<void> }

export function PasskeyButton({ onDone }: PasskeyButtonProps) {
  const attempt = useAttempt(async () => onDone(await signInWithPasskey()))
  if (missingPasskeys() !== undefined) return null
  return (
    <div className="mt-3 flex flex-col gap-3">
      <button
        type="button"
        disabled={attempt.isBusy}
        onClick={() => void attempt.go()}
        className="h-10 rounded-md border border-line px-4 text-sm font-medium transition-colors hover:bg-raised disabled:text-faint"
      >
        {attempt.isBusy ? passkeyTexts.busy : passkeyTexts.use}
      </button>
      <Refusal attempt={attempt} />
    </div>
  )
}
