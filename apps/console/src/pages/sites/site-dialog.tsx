/** Site dialog: creates or changes a site. It shows the effect before the change is applied. */
import type { Site } from '@skerry/contract/sites/site'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialogs/dialog.tsx'
import { PlainTable } from '../../components/rows/plain-table.tsx'
import { toast } from '../../components/toasts.tsx'
import { texts } from '../../texts/english.ts'
import { sitePageTexts } from './english-site.ts'
import { changesBetween, conflictsOf, type DraftField, draftOf, EMPTY_DRAFT } from './site-draft.ts'
import { SiteFields } from './site-fields.tsx'
import { type ChangeStep, type SiteChange, useSiteChange } from './use-site-change.ts'

const words = sitePageTexts.siteForm

/** Shown while it is in the page. The page of a new site opens after its creation. */
export function SiteDialog({ site, onClose }: { site?: Site; onClose: () => void }) {
  const navigate = useNavigate()
  const change = useSiteChange(site, (name, what) => {
    const said = what === 'created' ? words.created : words.updated
    toast('good', (what === 'unchanged' ? words.unchangedSite : said)(name))
    onClose()
    if (!site) void navigate({ to: '/sites/$site', params: { site: name } })
  })
  const { step } = change
  const title = site ? words.editTitle(site.name) : words.createTitle
  switch (step.kind) {
    case 'fields':
      return (
        <Frame
          title={title}
          change={change}
          onClose={onClose}
          onSubmit={change.review}
          buttons={
            <>
              <Button onClick={onClose}>{texts.common.cancel}</Button>
              <Submit>{words.review}</Submit>
            </>
          }
        >
          <SiteFields draft={change.draft} problems={change.problems} isNew={!site} onWrite={change.write} />
        </Frame>
      )
    case 'review':
      return (
        <Frame
          title={title}
          lead={leadOf(step)}
          change={change}
          onClose={onClose}
          onSubmit={() => change.save(step.spec)}
          buttons={
            <>
              <Button onClick={change.back}>{words.back}</Button>
              {step.change !== 'unchanged' && <Submit>{site ? words.save : words.create}</Submit>}
            </>
          }
        >
          <Review change={change} step={step} />
        </Frame>
      )
    case 'conflict':
      return (
        <Frame
          title={words.conflictTitle}
          lead={words.conflictLead}
          change={change}
          onClose={onClose}
          onSubmit={async () => change.goOnFrom(step.theirs, 'mine')}
          buttons={
            <>
              <Button onClick={() => change.goOnFrom(step.theirs, 'theirs')}>{words.takeTheirs}</Button>
              <Submit>{words.keepMine}</Submit>
            </>
          }
        >
          <Conflict change={change} theirs={step.theirs} />
        </Frame>
      )
  }
}

type FrameProps = {
  title: string
  lead?: string
  change: SiteChange
  onClose: () => void
  onSubmit: () => Promise<void>
  buttons: ReactNode
  children: ReactNode
}

function Frame({ title, lead, change: { failure, isBusy }, onClose, onSubmit, buttons, children }: FrameProps) {
  return (
    <Dialog isOpen isWide onClose={onClose} title={title} lead={lead}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (!isBusy) void onSubmit()
        }}
      >
        {children}
        {failure !== undefined && (
          <p role="alert" className="mt-4 text-sm wrap-anywhere text-bad">
            {failure}
          </p>
        )}
        <div className="mt-5 flex flex-wrap justify-end gap-2">{buttons}</div>
      </form>
    </Dialog>
  )
}

const Submit = ({ children }: { children: ReactNode }) => (
  <Button type="submit" look="primary">
    {children}
  </Button>
)

type ReviewStep = Extract<ChangeStep, { kind: 'review' }>

function leadOf({ change, spec }: ReviewStep): string {
  if (change === 'unchanged') return words.reviewNothing
  return change === 'created' ? words.reviewCreate(spec.name) : words.reviewUpdate(spec.name)
}

function Review({ change: { base }, step }: { change: SiteChange; step: ReviewStep }) {
  const changes = changesBetween(base ? draftOf(base) : EMPTY_DRAFT, draftOf(step.spec))
  if (step.change === 'unchanged') return null
  const { field, before, after } = words.columns
  // A new site has no earlier state, so the table shows all of its fields.
  const rows = base ? changes : changesBetween({ ...EMPTY_DRAFT, kind: '', clearance: '' }, draftOf(step.spec))
  return (
    <PlainTable
      label={words.review}
      headers={base ? [field, before, after] : [field, after]}
      rows={rows.map((row) => ({
        key: row.field,
        cells: [
          fieldName(row.field),
          ...(base ? [<Value key="before" field={row.field} text={row.before} />] : []),
          <Value key="after" field={row.field} text={row.after} />,
        ],
      }))}
    />
  )
}

function Conflict({ change: { base, draft }, theirs }: { change: SiteChange; theirs: Site }) {
  if (!base) return null
  const conflicts = conflictsOf({ base: draftOf(base), theirs: draftOf(theirs), mine: draft })
  const { field, before, now, mine } = words.conflictColumns
  return (
    <PlainTable
      label={words.conflictTitle}
      headers={[field, before, now, mine]}
      rows={conflicts.map((row) => ({
        key: row.field,
        cells: [
          fieldName(row.field),
          <Value key="was" field={row.field} text={row.was} />,
          <Value key="now" field={row.field} text={row.now} />,
          row.mine === undefined ? (
            <span key="mine" className="text-faint">
              {words.unchanged}
            </span>
          ) : (
            <Value key="mine" field={row.field} text={row.mine} />
          ),
        ],
      }))}
    />
  )
}

const fieldName = (field: DraftField) => sitePageTexts.site.fields[field]

/** A value as on other pages. Labels are listed one below the other. */
function Value({ field, text }: { field: DraftField; text: string }) {
  if (text === '') return <span className="text-faint">{words.nothing}</span>
  const names: Readonly<Record<string, string>> =
    field === 'kind' ? texts.sites.kinds : field === 'clearance' ? sitePageTexts.site.clearances : {}
  return <span className="inline-block py-2 text-left whitespace-pre-line wrap-anywhere">{names[text] ?? text}</span>
}
