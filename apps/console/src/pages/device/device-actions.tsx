/** Device actions: what a person can do with a device, each with the device's name in the question. */
import type { DeviceDetail, DeviceStatus } from '@skerry/contract/device'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { GuardedButton } from '../../components/button.tsx'
import { Confirmation, type ConfirmationProps } from '../../components/confirmation.tsx'
import { hub } from '../../hub/hub-client.ts'
import { texts } from '../../texts/english.ts'
import { RelabelDialog } from './relabel-dialog.tsx'

type Action = 'approve' | 'resume' | 'relabel' | 'revoke' | 'remove'

const words = texts.device

type Offer = { name: Action; look: 'primary' | 'plain' | 'danger'; where?: readonly DeviceStatus[] }

/** In their order; those that make sense in some states only name them. */
const ACTIONS: readonly Offer[] = [
  { name: 'approve', look: 'primary', where: ['pending'] },
  { name: 'resume', look: 'primary', where: ['conflict-paused'] },
  { name: 'relabel', look: 'plain' },
  { name: 'revoke', look: 'danger', where: ['pending', 'active', 'conflict-paused'] },
  { name: 'remove', look: 'danger' },
]

/** The buttons that the state of the device allows. */
export function DeviceActions({ device }: { device: DeviceDetail }) {
  const [action, setAction] = useState<Action>()
  const close = () => setAction(undefined)
  const question = useQuestion(device, action, close)
  const { status } = device
  const shown = ACTIONS.filter(({ where }) => where?.includes(status) ?? true)
  return (
    <>
      {shown.map(({ name, look }) => (
        <GuardedButton key={name} permission="device.write" look={look} onClick={() => setAction(name)}>
          {words.actions[name]}
        </GuardedButton>
      ))}
      {question && <Confirmation {...question} />}
      {action === 'relabel' && <RelabelDialog device={device} onClose={close} />}
    </>
  )
}

function useQuestion(
  { name }: DeviceDetail,
  action: Action | undefined,
  onClose: () => void,
): ConfirmationProps | undefined {
  const navigate = useNavigate()
  const client = useQueryClient()
  if (action === undefined || action === 'relabel') return undefined
  const common = { verb: words.actions[action], done: words.done[action](name), onClose }
  switch (action) {
    case 'approve':
      return {
        ...common,
        title: words.approveTitle(name),
        lead: words.approveLead,
        run: () => hub.device.approve({ device: name }),
      }
    case 'resume':
      return {
        ...{ ...common, title: words.resumeTitle(name), lead: words.resumeLead, needsReason: true },
        run: (reason) => hub.device.resume({ device: name, reason }),
      }
    case 'revoke':
      return {
        ...{
          ...common,
          title: words.revokeTitle(name),
          lead: words.revokeLead,
          needsReason: true,
          isDanger: true,
          typedName: name,
        },
        run: (reason) => hub.device.revoke({ device: name, reason }),
      }
    case 'remove':
      return {
        ...{ ...common, title: words.removeTitle(name), lead: words.removeLead, isDanger: true, typedName: name },
        run: async () => {
          await hub.device.remove({ device: name })
          await navigate({ to: '/devices' })
          client.removeQueries({ queryKey: ['devices', 'one', name] })
        },
      }
  }
}
