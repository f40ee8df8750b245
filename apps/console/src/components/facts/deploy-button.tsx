/** Deploy button: the way to the wizard, from wherever somebody thinks of it. Shown disabled, with the reason, to keys that may not deploy. */
import { useNavigate } from '@tanstack/react-router'
import { Rocket } from 'lucide-react'
import { texts } from '../../texts/english.ts'
import { GuardedButton } from '../button.tsx'

type DeployButtonProps = {
  /** What to begin from: a model and its version, or a deployment, perhaps as it was at a revision. */
  search?: { model?: string; version?: string; from?: string; at?: string }
  look?: 'primary' | 'plain'
  isSmall?: boolean
  /** Instead of the usual word. */
  text?: string
  label?: string
}

/** The button. */
export function DeployButton({ search = {}, look = 'primary', isSmall, text, label }: DeployButtonProps) {
  const navigate = useNavigate()
  return (
    <GuardedButton
      permission="deployment.write"
      look={look}
      {...(isSmall && { isSmall })}
      {...(label !== undefined && { 'aria-label': label })}
      onClick={() => void navigate({ to: '/deploy', search })}
    >
      {text === undefined && <Rocket size={15} aria-hidden />}
      {text ?? texts.shell.deploy}
    </GuardedButton>
  )
}
