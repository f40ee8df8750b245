/** Version cards of an app. */
import { AppServicesCard } from '../../pages/apps/services-card.tsx'
import { AppSettingsCard } from '../../pages/apps/settings-card.tsx'
import type { DetailOf } from '../of-kind.ts'

type CardProps = { version: DetailOf<'app'> }

export const ServicesCard = ({ version: { app } }: CardProps) => <AppServicesCard app={app} />

export const SettingsCard = ({ version: { app } }: CardProps) => <AppSettingsCard app={app} />
