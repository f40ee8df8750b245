/** Factor card: whether there is a second factor, and what is left to get in without it. */
import type { Account } from '@skerry/contract/people/user'
import { Link } from '@tanstack/react-router'
import { ShieldCheck, ShieldOff } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Dialog } from '../../components/dialogs/dialog.tsx'
import { Badge } from '../../components/facts/badge.tsx'
import { toast } from '../../components/toasts.tsx'
import { hub } from '../../hub/hub-client.ts'
import { texts } from '../../texts/english.ts'
import { PasswordField } from '../sign-in/person-fields.tsx'
import { Refusal } from '../sign-in/refusal.tsx'
import { useAttempt } from '../sign-in/use-attempt.ts'
import { accountTexts } from './english-account.ts'
import { PlainCodeField, SubmitButton } from './proof-fields.tsx'

const words = accountTexts.factor

/** Of ten; whoever has used up so many is about to be locked out. */
const FEW = 3

export function FactorCard({ account: { hasSecondFactor, recoveryCodesLeft } }: { account: Account }) {
  const [isRemoving, setRemoving] = useState(false)
  return (
    <Card
      title={words.title}
      aside={
        <Badge tone={hasSecondFactor ? 'good' : 'idle'} icon={hasSecondFactor ? ShieldCheck : ShieldOff}>
          {hasSecondFactor ? words.on : words.off}
        </Badge>
      }
    >
      <div className="flex flex-col items-start gap-3 text-sm">
        <p className="text-soft">{hasSecondFactor ? words.onLead : words.offLead}</p>
        {hasSecondFactor && <p>{words.left(recoveryCodesLeft)}</p>}
        {hasSecondFactor && recoveryCodesLeft <= FEW && <p className="text-warn">{words.few}</p>}
        {hasSecondFactor ? (
          <Button look="danger" onClick={() => setRemoving(true)}>
            {words.remove}
          </Button>
        ) : (
          <Link
            to="/second-factor"
            search={{ next: '/account' }}
            className="inline-flex h-8.5 items-center rounded-md bg-accent px-3 font-medium text-on-accent hover:bg-accent-strong"
          >
            {words.setUp}
          </Link>
        )}
      </div>
      {isRemoving && <RemoveDialog onClose={() => setRemoving(false)} />}
    </Card>
  )
}

function RemoveDialog({ onClose }: { onClose: () => void }) {
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const attempt = useAttempt(async () => {
    await hub.account.removeSecondFactor({ password, code: code.trim() })
    toast('good', words.removed)
    onClose()
  })
  return (
    <Dialog isOpen onClose={onClose} title={words.removeTitle} lead={words.removeLead}>
      <form
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (!attempt.isBusy && attempt.waitSeconds === 0) void attempt.go()
        }}
      >
        <PasswordField isSmall label={accountTexts.password.current} value={password} onChange={setPassword} />
        <PlainCodeField value={code} onChange={setCode} />
        <Refusal attempt={attempt} named={{ sign_in_refused: words.refused }} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{texts.common.cancel}</Button>
          <SubmitButton attempt={attempt} verb={words.remove} busy={texts.common.loading} isDanger />
        </div>
      </form>
    </Dialog>
  )
}
