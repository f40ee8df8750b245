/** Rollback button: opens the rollback of a deployment, from its page, from its revisions and from finished rollouts. */
import { Undo2 } from 'lucide-react'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { rollbackTexts as words } from './english-rollback.ts'
import { RollbackDialog } from './rollback-dialog.tsx'

type ButtonProps = {
  deployment: string
  /** The revision to return to; by default the hub chooses the last good one. */
  to?: number | undefined
  isSmall?: boolean
  /** The reason why nothing can be rolled back. */
  blocked?: string | undefined
  /** A list has the button in every row, so that its name must say more than its text. */
  label?: string
}

export function RollbackButton({ deployment, to, isSmall, label, blocked }: ButtonProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <GuardedButton
        permission="deployment.write"
        blocked={blocked}
        {...(isSmall && { isSmall })}
        {...(label !== undefined && { 'aria-label': label })}
        onClick={() => setOpen(true)}
      >
        {!isSmall && <Undo2 size={15} aria-hidden />}
        {to === undefined || isSmall ? words.button : words.buttonTo(to)}
      </GuardedButton>
      {isOpen && <RollbackDialog deployment={deployment} to={to} onClose={() => setOpen(false)} />}
    </>
  )
}
