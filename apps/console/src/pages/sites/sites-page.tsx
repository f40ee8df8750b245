/** Sites: all of them as a tree, with the state of each branch; grouping, filter and order stand in the address. */
import type { SiteState } from '@skerry/contract/sites/site'
import { siteLanguage } from '@skerry/core/language/row-language'
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { MapPin, Plus } from 'lucide-react'
import { useCallback, useId } from 'react'
import { Button, GuardedButton } from '../../components/button.tsx'
import { Page } from '../../components/card.tsx'
import { totalOf } from '../../components/charts/health-counts.ts'
import { Select } from '../../components/fields.tsx'
import { Empty, Failure, Loading } from '../../components/page-state.tsx'
import { RowFilter } from '../../components/rows/row-filter.tsx'
import { useRowFilter } from '../../components/rows/use-row-filter.ts'
import { queries } from '../../hub/queries.ts'
import { GROUPINGS, SITE_SORTS, type SiteSearch } from '../../search.ts'
import { texts } from '../../texts/english.ts'
import { SiteDialog } from './site-dialog.tsx'
import { TreeCard } from './tree-card.tsx'

const words = texts.sites

/** What a filter may ask of a site here is what it may ask of one in any list. */
const language = {
  ...siteLanguage,
  valuesOf: (row: SiteState) => siteLanguage.valuesOf(factsOf(row)),
  wordsOf: (row: SiteState) => siteLanguage.wordsOf(factsOf(row)),
}
const factsOf = ({ site, devices, ...rest }: SiteState) => ({ ...rest, name: site, deviceCount: totalOf(devices) })

/** The page at /sites. */
export function SitesPage() {
  const search = useSearch({ from: '/inside/sites' })
  const navigate = useNavigate({ from: '/sites' })
  const query = useQuery(queries.siteStates())
  const { shown, problem } = useRowFilter(query.data, search.q, language)
  const set = useCallback(
    (change: Partial<typeof search>) =>
      void navigate({ search: (before) => ({ ...before, ...change }), replace: true }),
    [navigate],
  )
  const setFilter = useCallback((q: string | undefined) => set({ q }), [set])
  return (
    <Page
      isFull
      title={words.title}
      beside={
        <span role="status" className="text-sm text-soft tabular">
          {shown && words.count(shown.length)}
        </span>
      }
      actions={<NewSiteButton onClick={() => set({ new: true })} />}
    >
      <div className="flex flex-wrap items-start gap-2">
        <RowFilter
          label={words.filter}
          language={language}
          value={search.q ?? ''}
          onChange={setFilter}
          problem={problem}
        />
        <Choice
          label={words.group}
          names={words.groups}
          options={GROUPINGS}
          value={search.group ?? 'country'}
          onChange={(group) => set({ group })}
        />
        <Choice
          label={words.sort}
          names={words.sorts}
          options={SITE_SORTS}
          value={search.sort ?? 'name'}
          onChange={(sort) => set({ sort })}
        />
      </div>
      <Body search={search} set={set} query={query} shown={shown} />
      {search.new && <SiteDialog onClose={() => set({ new: undefined })} />}
    </Page>
  )
}

type BodyProps = {
  search: SiteSearch
  set: (change: Partial<SiteSearch>) => void
  query: Pick<UseQueryResult<SiteState[]>, 'data' | 'error' | 'refetch'>
  shown: readonly SiteState[] | undefined
}

function Body({ search, set, query: { data, error, refetch }, shown }: BodyProps) {
  return (
    <div className="card flex min-h-0 flex-col overflow-hidden">
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && <Loading rows={8} />}
      {data?.length === 0 && (
        <Empty
          icon={MapPin}
          title={words.empty}
          hint={words.emptyHint}
          action={<NewSiteButton onClick={() => set({ new: true })} />}
        />
      )}
      {data && data.length > 0 && shown?.length === 0 && (
        <Empty
          icon={MapPin}
          title={words.noMatch}
          hint={words.noMatchHint}
          action={<Button onClick={() => set({ q: undefined })}>{texts.devices.clear}</Button>}
        />
      )}
      {shown && shown.length > 0 && (
        <TreeCard
          key={search.group}
          sites={shown}
          grouping={search.group ?? 'country'}
          sort={search.sort ?? 'name'}
          isFiltered={search.q !== undefined}
        />
      )}
    </div>
  )
}

const NewSiteButton = ({ onClick }: { onClick: () => void }) => (
  <GuardedButton permission="site.write" look="primary" onClick={onClick}>
    <Plus size={15} aria-hidden />
    {words.create}
  </GuardedButton>
)

type ChoiceProps<Option extends string> = {
  label: string
  options: readonly Option[]
  names: Readonly<Record<Option, string>>
  value: Option
  onChange: (value: Option) => void
}

function Choice<Option extends string>({ label, options, names, value, onChange }: ChoiceProps<Option>) {
  const id = useId()
  return (
    <span className="flex items-center gap-2 text-xs whitespace-nowrap text-soft">
      <label htmlFor={id}>{label}</label>
      <Select
        id={id}
        className="w-36"
        value={value}
        onChange={(event) => onChange(options.find((option) => option === event.target.value) ?? value)}
      >
        {options.map((option) => (
          <option key={option} value={option}>
            {names[option]}
          </option>
        ))}
      </Select>
    </span>
  )
}
