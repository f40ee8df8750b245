/** Command palette: goes to any page, device, model or rollout, and runs actions that are the same on every page. */
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import {
  Boxes,
  Building2,
  CircleUserRound,
  Keyboard,
  type LucideIcon,
  MapPin,
  Palette as PaletteIcon,
  Rocket,
  Search,
  Server,
  Settings,
  Waypoints,
} from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import { type ReactNode, useState } from 'react'
import { Backdrop } from '../components/dialogs/dialog.tsx'
import { HealthBadge, RolloutBadge } from '../components/facts/badge.tsx'
import { queries } from '../hub/queries.ts'
import { texts } from '../texts/english.ts'
import { chooseTheme, THEMES } from '../theme/theme.ts'
import { useOrganisations } from './use-organisations.ts'
import { usePlaces } from './use-places.ts'

/** A palette shows no more. Typing narrows the list. */
const FOUND_MAX = 30

const words = texts.shell.palette

/** Shown while it is in the page. */
export function Palette({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const [text, setText] = useState('')
  const navigate = useNavigate()
  const go = (action: () => unknown) => () => {
    onClose()
    action()
  }
  return (
    <Radix.Root open onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Backdrop />
        <Radix.Content
          aria-describedby={undefined}
          className="fixed top-[14vh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 overflow-hidden rounded-xl border border-line bg-surface shadow-float"
        >
          <Radix.Title className="sr-only">{words.label}</Radix.Title>
          <Command label={words.label} loop>
            <div className="flex items-center gap-2.5 border-b border-line px-4">
              <Search size={16} className="text-faint" aria-hidden />
              <Command.Input
                value={text}
                onValueChange={setText}
                placeholder={words.placeholder}
                className="h-12 flex-1 bg-transparent text-sm outline-none"
              />
            </div>
            <Command.List aria-label={words.label} className="max-h-[50vh] overflow-y-auto p-1.5">
              <Command.Empty className="p-6 text-center text-sm text-soft">{words.empty}</Command.Empty>
              <Group heading={words.pages}>
                <Pages go={go} />
                <Item value="page my account" icon={CircleUserRound} onSelect={go(() => navigate({ to: '/account' }))}>
                  {texts.shell.account.mine}
                </Item>
                <SettingsTabs go={go} />
              </Group>
              <OtherOrganisations go={go} />
              <FoundThings text={text} go={go} />
              <Group heading={words.commands}>
                <Item value="deploy a model" icon={Rocket} onSelect={go(() => navigate({ to: '/deploy' }))}>
                  {words.deploy}
                </Item>
                {THEMES.map((theme) => (
                  <Item key={theme} value={`theme ${theme}`} icon={PaletteIcon} onSelect={go(() => chooseTheme(theme))}>
                    {words.theme(texts.shell.theme[theme])}
                  </Item>
                ))}
                <Item value="keys" icon={Keyboard} onSelect={go(onHelp)}>
                  {words.keys}
                </Item>
              </Group>
            </Command.List>
          </Command>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

type Go = (action: () => unknown) => () => void

/** For people, each tab of the settings is a page. */
function Pages({ go }: { go: Go }) {
  const navigate = useNavigate()
  return usePlaces().pages.map(({ to, text, icon }) => (
    <Item key={to} value={`page ${text}`} icon={icon} onSelect={go(() => navigate({ to }))}>
      {text}
    </Item>
  ))
}

function SettingsTabs({ go }: { go: Go }) {
  const navigate = useNavigate()
  const { title, tabs } = texts.settings
  return usePlaces().settingsTabs.map((tab) => (
    <Item
      key={tab}
      value={`page ${title} ${tabs[tab]}`}
      icon={Settings}
      onSelect={go(() => navigate({ to: '/settings', search: { tab } }))}
    >
      {words.settings(tabs[tab])}
    </Item>
  ))
}

/** For people who belong to several organisations. */
function OtherOrganisations({ go }: { go: Go }) {
  const { others, go: goTo } = useOrganisations()
  if (others.length === 0) return null
  return (
    <Group heading={texts.shell.organisation.label}>
      {others.map(({ organisation }) => (
        <Item
          key={organisation}
          value={`go to organisation ${organisation}`}
          icon={Building2}
          onSelect={go(() => goTo(organisation))}
        >
          {texts.shell.organisation.goTo(organisation)}
        </Item>
      ))}
    </Group>
  )
}

/** Things of the fleet whose name contains the typed text. The list is empty before somebody types. */
function FoundThings({ text, go }: { text: string; go: Go }) {
  const navigate = useNavigate()
  const needle = text.trim().toLowerCase()
  const isAsked = needle.length > 0
  const devices = useQuery({ ...queries.devices(undefined), enabled: isAsked })
  const models = useQuery({ ...queries.models(), enabled: isAsked })
  const rollouts = useQuery({ ...queries.rollouts(), enabled: isAsked })
  if (!isAsked) return null
  const holds = (name: string) => name.toLowerCase().includes(needle)
  return (
    <>
      <FoundSites holds={holds} go={go} />
      <Group heading={words.devices}>
        {devices.data
          ?.filter(({ name, site }) => holds(`${name} ${site}`))
          .slice(0, FOUND_MAX)
          .map((device) => (
            <Item
              key={device.id}
              value={`device ${device.name} ${device.site}`}
              icon={Server}
              aside={<HealthBadge device={device} isPlain />}
              onSelect={go(() => navigate({ to: '/devices/$device', params: { device: device.name } }))}
            >
              {words.device(device.name, device.site)}
            </Item>
          ))}
      </Group>
      <Group heading={words.models}>
        {models.data
          ?.filter(({ name }) => holds(name))
          .slice(0, FOUND_MAX)
          .map(({ name }) => (
            <Item
              key={name}
              value={`model ${name}`}
              icon={Boxes}
              onSelect={go(() => navigate({ to: '/models/$model', params: { model: name } }))}
            >
              {name}
            </Item>
          ))}
      </Group>
      <FoundDeployments holds={holds} go={go} />
      <Group heading={words.rollouts}>
        {rollouts.data
          ?.filter(({ deployment }) => holds(deployment))
          .slice(0, FOUND_MAX)
          .map(({ id, deployment, revision, status }) => (
            <Item
              key={id}
              value={`rollout ${deployment} ${revision}`}
              icon={Waypoints}
              aside={<RolloutBadge status={status} isPlain />}
              onSelect={go(() => navigate({ to: '/rollouts/$rollout', params: { rollout: id } }))}
            >
              {words.rollout(deployment, revision)}
            </Item>
          ))}
      </Group>
    </>
  )
}

function FoundSites({ holds, go }: { holds: (name: string) => boolean; go: Go }) {
  const navigate = useNavigate()
  const sites = useQuery(queries.siteStates())
  return (
    <Group heading={words.sites}>
      {sites.data
        ?.filter(({ site }) => holds(site))
        .slice(0, FOUND_MAX)
        .map(({ site }) => (
          <Item
            key={site}
            value={`site ${site}`}
            icon={MapPin}
            onSelect={go(() => navigate({ to: '/sites/$site', params: { site } }))}
          >
            {site}
          </Item>
        ))}
    </Group>
  )
}

function FoundDeployments({ holds, go }: { holds: (name: string) => boolean; go: Go }) {
  const navigate = useNavigate()
  const deployments = useQuery(queries.deployments())
  return (
    <Group heading={words.deployments}>
      {deployments.data
        ?.filter(({ name, spec }) => holds(`${name} ${spec.deployable}`))
        .slice(0, FOUND_MAX)
        .map(({ id, name, rolloutStatus, pausedBy }) => (
          <Item
            key={id}
            value={`deployment ${name}`}
            icon={Rocket}
            aside={<RolloutBadge status={rolloutStatus} pausedBy={pausedBy} isPlain />}
            onSelect={go(() => navigate({ to: '/deployments/$deployment', params: { deployment: name } }))}
          >
            {name}
          </Item>
        ))}
    </Group>
  )
}

const Group = ({ heading, children }: { heading: string; children: ReactNode }) => (
  <Command.Group
    heading={heading}
    className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-faint"
  >
    {children}
  </Command.Group>
)

type ItemProps = { value: string; icon: LucideIcon; onSelect: () => void; aside?: ReactNode; children: ReactNode }

const Item = ({ value, icon: Icon, onSelect, aside, children }: ItemProps) => (
  <Command.Item
    value={value}
    onSelect={onSelect}
    className="flex h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 text-sm data-[selected=true]:bg-raised"
  >
    <Icon size={15} className="shrink-0 text-soft" aria-hidden />
    <span className="min-w-0 flex-1 truncate">{children}</span>
    {aside}
  </Command.Item>
)
