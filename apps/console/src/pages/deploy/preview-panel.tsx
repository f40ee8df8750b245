/** Preview panel: whom a selector picks, who is refused, and why the others are not picked; counted by the hub while somebody writes. */
import type { SelectorPreview } from '@skerry/contract/deployments/selector-preview'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { RefreshCw } from 'lucide-react'
import { Tabs } from 'radix-ui'
import { useState } from 'react'
import { IconButton } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { cn } from '../../components/class-names.ts'
import { TONE_BLOCK, type Tone } from '../../components/facts/tones.ts'
import { FilterInput } from '../../components/fields.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { number } from '../../texts/count.ts'
import { deployQueries, type PreviewQuestion } from './deploy-queries.ts'
import { useSettled } from './draft/use-settled.ts'
import { deployTexts } from './english-deploy.ts'
import { OtherDevices, PickedDevices, RefusedDevices } from './preview-lists.tsx'

const words = deployTexts.preview

const GROUPS = ['picked', 'refused', 'others'] as const
type Group = (typeof GROUPS)[number]

const TONES: Readonly<Record<Group, Tone>> = { picked: 'good', refused: 'warn', others: 'idle' }

type PanelProps = Omit<PreviewQuestion, 'selector' | 'find'> & {
  /** Undefined while what is written is none: then the last count stays, and says that it is not of this. */
  selector: string | undefined
}

/** The panel. */
export function PreviewPanel({ selector, ...what }: PanelProps) {
  const [find, setFind] = useState('')
  const [group, setGroup] = useState<Group>('picked')
  const settled = useSettled({ selector, find: find.trim() || undefined })
  const preview = useQuery({
    ...deployQueries.preview({ ...what, selector: settled.selector ?? 'true', find: settled.find }),
    enabled: settled.selector !== undefined,
    placeholderData: keepPreviousData,
  })
  const isOld = selector !== settled.selector || selector === undefined || preview.isFetching
  return (
    <Card
      title={words.title}
      isFlush
      aside={
        <IconButton label={words.again} isSmall onClick={() => void preview.refetch()}>
          <RefreshCw size={14} aria-hidden />
        </IconButton>
      }
    >
      {preview.error ? <Failure error={preview.error} onRetry={() => void preview.refetch()} /> : null}
      {!preview.data && !preview.error && <Loading rows={5} />}
      {preview.data && !preview.error && (
        <div className="flex flex-col gap-3 p-4" aria-busy={isOld}>
          <Counts preview={preview.data} isOld={isOld} />
          <FilterInput label={words.find} placeholder={words.findHint} value={find} onChange={setFind} />
          <Tabs.Root value={group} onValueChange={(next) => setGroup(GROUPS.find((each) => each === next) ?? 'picked')}>
            <Tabs.List aria-label={words.title} className="flex gap-1 border-b border-line">
              {GROUPS.map((each) => (
                <Tabs.Trigger
                  key={each}
                  value={each}
                  className="-mb-px flex items-center gap-1.5 border-b-2 border-transparent px-2.5 py-1.5 text-xs font-medium text-soft hover:text-text data-[state=active]:border-accent data-[state=active]:text-text"
                >
                  <span aria-hidden className={cn('size-2 rounded-full', TONE_BLOCK[TONES[each]])} />
                  {words.tabs[each]}
                  <span className="text-faint tabular">{number.format(preview.data[each].count)}</span>
                </Tabs.Trigger>
              ))}
            </Tabs.List>
            <Tabs.Content value="picked">
              <PickedDevices
                group={preview.data.picked}
                isSought={find !== ''}
                areRefused={preview.data.refused.count > 0}
              />
            </Tabs.Content>
            <Tabs.Content value="refused">
              <RefusedDevices group={preview.data.refused} isSought={find !== ''} />
            </Tabs.Content>
            <Tabs.Content value="others">
              <OtherDevices group={preview.data.others} isSought={find !== ''} />
            </Tabs.Content>
          </Tabs.Root>
        </div>
      )}
    </Card>
  )
}

function Counts({ preview, isOld }: { preview: SelectorPreview; isOld: boolean }) {
  const { picked, refused, total } = preview
  return (
    <div>
      <p role="status" className="flex flex-wrap items-baseline gap-x-2">
        <span className="text-2xl font-semibold tracking-tight tabular">{words.picked(picked.count, total)}</span>
        {refused.count > 0 && <span className="text-sm font-medium text-warn">{words.refused(refused.count)}</span>}
        {isOld && <span className="text-xs text-faint">{words.counting}</span>}
      </p>
      <span aria-hidden className="mt-2 flex h-1.5 gap-px overflow-hidden rounded-full bg-raised">
        {GROUPS.map((group) => (
          <span
            key={group}
            style={{ flexGrow: preview[group].count }}
            className={group === 'others' ? 'bg-line-strong' : TONE_BLOCK[TONES[group]]}
          />
        ))}
      </span>
    </div>
  )
}
