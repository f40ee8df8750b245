/** Preview lists: the devices of each group, with what there is to say about them. */
import type { PreviewDevice, SelectorPreview } from '@skerry/contract/deployments/selector-preview'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { number } from '../../texts/count.ts'
import { deployTexts } from './english-deploy.ts'

const words = deployTexts.preview

type ListProps<Group extends keyof SelectorPreview> = { group: SelectorPreview[Group]; isSought: boolean }

/** Those that will run it. */
export function PickedDevices({
  group: { count, devices },
  isSought,
  areRefused,
}: ListProps<'picked'> & { areRefused: boolean }) {
  return (
    <List
      count={count}
      shown={devices.length}
      isSought={isSought}
      nobody={areRefused ? words.allRefused : words.nobody}
    >
      {devices.map((device) => (
        <li key={device.id} className="px-1 py-1.5">
          <DeviceName device={device} />
        </li>
      ))}
    </List>
  )
}

/** Those that the selector means, and that will not run it. */
export function RefusedDevices({ group: { count, devices }, isSought }: ListProps<'refused'>) {
  return (
    <List count={count} shown={devices.length} isSought={isSought} nobody={words.noRefused} lead={words.refusedLead}>
      {devices.map(({ code, message, ...device }) => (
        <li key={device.id} className="px-1 py-1.5">
          <DeviceName device={device} />
          <p className="text-xs wrap-anywhere text-warn">{message}</p>
        </li>
      ))}
    </List>
  )
}

/** Those that the selector does not mean. */
export function OtherDevices({ group: { count, devices, conditions }, isSought }: ListProps<'others'>) {
  return (
    <>
      {count > 0 && (
        <div className="px-1 pt-3">
          <p className="text-xs text-soft">{words.othersLead}</p>
          <ul className="mt-1.5 flex flex-col gap-1">
            {conditions.map((one) => (
              <li key={one.condition} className="flex items-baseline gap-2 text-xs">
                <span className="w-12 shrink-0 text-right font-medium tabular">{number.format(one.count)}</span>
                <code className="min-w-0 font-mono wrap-anywhere">{one.condition}</code>
              </li>
            ))}
          </ul>
        </div>
      )}
      <List count={count} shown={devices.length} isSought={isSought} nobody={words.noOthers}>
        {devices.map(({ unmet, ...device }) => (
          <li key={device.id} className="px-1 py-1.5">
            <DeviceName device={device} />
            <ul className="flex flex-col text-xs text-soft">
              {unmet.map(({ condition, found, problem }) => (
                <li key={condition} title={words.because(condition)} className="wrap-anywhere">
                  {problem ?? (found || words.because(condition))}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </List>
    </>
  )
}

const DeviceName = ({ device: { name, site } }: { device: PreviewDevice }) => (
  <span className="flex items-baseline gap-1.5 text-sm">
    <Link
      to="/devices/$device"
      params={{ device: name }}
      target="_blank"
      className="truncate rounded font-medium hover:text-accent hover:underline"
    >
      {name}
    </Link>
    <span className="truncate text-xs text-soft">
      {words.at} {site}
    </span>
  </span>
)

type Props = { count: number; shown: number; isSought: boolean; nobody: string; lead?: string; children: ReactNode }

/** Long lists scroll by themselves, and can be reached by keyboard for that. */
function List({ count, shown, isSought, nobody, lead, children }: Props) {
  if (count === 0) return <p className="px-1 py-3 text-sm text-soft">{nobody}</p>
  if (shown === 0) return <p className="px-1 py-3 text-sm text-soft">{words.noFound}</p>
  return (
    <>
      {lead !== undefined && <p className="px-1 pt-3 text-xs text-soft">{lead}</p>}
      <ul className="mt-2 max-h-80 divide-y divide-line overflow-y-auto">
        {children}
        {!isSought && count > shown && <li className="px-1 py-1.5 text-xs text-faint">{words.more(count - shown)}</li>}
      </ul>
    </>
  )
}
