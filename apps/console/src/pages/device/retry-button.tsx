/** Retry button: lets a device try again what it remembers as failed. */
import type { Device } from '@skerry/contract/devices/device'
import { RotateCcw } from 'lucide-react'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Confirmation } from '../../components/dialogs/confirmation.tsx'
import { hub } from '../../hub/hub-client.ts'
import { deviceWords as words } from './english-device.ts'
import { devicePageTexts } from './english-device-page.ts'

type RetryProps = {
  device: Pick<Device, 'name'>
  model: string
  version: number
  /** The deployment that brought the version; undefined where it is gone. */
  deployment: string | undefined
  /** What asking leads to. */
  lead: string
}

/** The button, and the question that it asks first. */
export function RetryButton({ device: { name }, model, version, deployment, lead }: RetryProps) {
  const [isOpen, setOpen] = useState(false)
  const { actions, done } = devicePageTexts
  return (
    <>
      <GuardedButton
        permission="device.write"
        isSmall
        blocked={deployment === undefined ? words.retryGone : undefined}
        onClick={() => setOpen(true)}
      >
        <RotateCcw size={13} aria-hidden />
        {actions.retry}
      </GuardedButton>
      {isOpen && deployment !== undefined && (
        <Confirmation
          title={words.retryTitle(model, version)}
          lead={lead}
          verb={actions.retry}
          run={() => hub.device.retry({ device: name, deployment })}
          done={done.retry(name)}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  )
}
