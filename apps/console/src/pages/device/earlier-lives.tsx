/**
 * Earlier lives: the versions that a device ran or rejected before under a model's name, and the failures that it still
 * remembers.
 */
import type { Device } from '@skerry/contract/devices/device'
import { CircleCheck, CircleDashed, CircleX } from 'lucide-react'
import { Tooltip } from '../../components/dialogs/tooltip.tsx'
import { Badge } from '../../components/facts/badge.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { texts } from '../../texts/english.ts'
import { Advice } from './advice.tsx'
import { deviceWords as words } from './english-device.ts'
import { devicePageTexts } from './english-device-page.ts'
import { endedAtMs, isRemembered, type Life } from './items/item-lives.ts'
import { RetryButton } from './retry-button.tsx'

type EarlierProps = {
  device: Pick<Device, 'name'>
  model: string
  /** All lives in the history, newest first. */
  lives: readonly Life[]
  /** The lives before the current one. */
  earlier: readonly Life[]
  nameOf: (deploymentId: string) => string | undefined
}

/** The list is folded, but open if the device remembers a failure. */
export function EarlierLives({ device, model, lives, earlier, nameOf }: EarlierProps) {
  if (earlier.length === 0) return null
  const hasRemembered = earlier.some((life) => isRemembered(life, lives))
  return (
    <details open={hasRemembered} className="rounded-md border border-line">
      <summary className="cursor-pointer rounded-md px-3 py-2 text-xs font-medium text-soft hover:text-text">
        {words.earlier(earlier.length)}
      </summary>
      <ul className="divide-y divide-line border-t border-line">
        {earlier.map((life) => (
          <li key={life.key} className="flex flex-col gap-1 px-3 py-2 text-sm">
            <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
              <EndIcon life={life} />
              <span className="font-medium">{devicePageTexts.itemTarget(life.version)}</span>
              <span className="text-soft">{endText(life)}</span>
              <EndTime ms={endedAtMs(life)} />
              {isRemembered(life, lives) && (
                <>
                  <Tooltip text={words.rememberedHint}>
                    <span>
                      <Badge tone="bad">{words.remembered}</Badge>
                    </span>
                  </Tooltip>
                  <span className="flex-1" />
                  <RetryButton
                    device={device}
                    model={model}
                    version={life.version}
                    deployment={nameOf(life.deploymentId)}
                    lead={words.retryLeadLater}
                  />
                </>
              )}
            </div>
            {life.end.cause && (
              <Advice
                cause={life.end.cause}
                isBad={life.end.state === 'failed'}
                device={device.name}
                deployment={nameOf(life.deploymentId)}
              />
            )}
          </li>
        ))}
      </ul>
    </details>
  )
}

/** Nothing if no report shows the time. */
const EndTime = ({ ms }: { ms: number | undefined }) =>
  ms !== undefined && (
    <span className="text-xs text-soft">
      <Instant ms={ms} />
    </span>
  )

function EndIcon({ life: { end } }: { life: Life }) {
  if (end.state === 'failed') return <CircleX size={15} className="text-bad" aria-hidden />
  if (end.state === 'active') return <CircleCheck size={15} className="text-good" aria-hidden />
  return <CircleDashed size={15} className="text-idle" aria-hidden />
}

function endText({ end: { state } }: Life): string {
  if (state === 'failed') return words.earlierEnd.failed
  return state === 'active' ? words.earlierEnd.active : words.earlierEnd.other(texts.itemState[state])
}
