/** Earlier lives: what a device ran or refused before under the name of a model, and what of it it still remembers as failed. */
import type { Device } from '@skerry/contract/devices/device'
import { CircleCheck, CircleDashed, CircleX } from 'lucide-react'
import { Tooltip } from '../../components/dialogs/tooltip.tsx'
import { Badge } from '../../components/facts/badge.tsx'
import { Instant } from '../../components/facts/instant.tsx'
import { texts } from '../../texts/english.ts'
import { Advice } from './advice.tsx'
import { deviceWords as words } from './english-device.ts'
import { devicePageTexts } from './english-device-page.ts'
import { isRemembered, type Life } from './items/item-lives.ts'
import { RetryButton } from './retry-button.tsx'

type EarlierProps = {
  device: Pick<Device, 'name'>
  model: string
  /** All that the history tells of, newest first. */
  lives: readonly Life[]
  /** Those before the one that goes on. */
  earlier: readonly Life[]
  nameOf: (deploymentId: string) => string | undefined
}

/** The list, folded up; open where something is remembered. */
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
              <span className="text-xs text-soft">
                <Instant ms={life.endedAtMs ?? life.seen.at(-1)?.heardAtMs} />
              </span>
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
            {life.end.cause && <Advice cause={life.end.cause} isBad={life.end.state === 'failed'} />}
          </li>
        ))}
      </ul>
    </details>
  )
}

function EndIcon({ life: { end } }: { life: Life }) {
  if (end.state === 'failed') return <CircleX size={15} className="text-bad" aria-hidden />
  if (end.state === 'active') return <CircleCheck size={15} className="text-good" aria-hidden />
  return <CircleDashed size={15} className="text-idle" aria-hidden />
}

function endText({ end: { state } }: Life): string {
  if (state === 'failed') return words.earlierEnd.failed
  return state === 'active' ? words.earlierEnd.active : words.earlierEnd.other(texts.itemState[state])
}
