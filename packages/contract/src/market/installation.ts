/**
 * Installation: a listing on a hub. The hub turns the listing into steps, each of which is an ordinary request of the
 * API. The client that installs carries them out with its own permissions. The record of the installation begins
 * before the first step, so an interrupted installation is visible and can be repeated.
 */
import * as z from 'zod'
import { AppConfig } from '../apps/config-schema.ts'
import { ConnectionKind, ConnectionScope, ConnectionSpec } from '../connections/connection.ts'
import { DeploymentSpec } from '../deployments/deployment.ts'
import { PushRequest } from '../models/model.ts'
import { Digest } from '../values/digest.ts'
import { InstantMs, Name, SelectorText } from '../values/names.ts'
import {
  Channel,
  Listing,
  ListingPermission,
  ListingVersion,
  PERMISSIONS_MAX,
  PermissionKey,
  ShortName,
} from './listing.ts'
import { ListingUsage } from './opinion.ts'

export const InstallationName = ShortName

export const InstallationState = z.enum(['installing', 'installed', 'removing'])
export type InstallationState = z.infer<typeof InstallationState>

/**
 * The way in which the versions reach the devices, as `skerry deploy --preset` names it. Those that compare answers are
 * for models only.
 */
export const RolloutPreset = z.enum(['all-at-once', 'canary', 'staged', 'cautious'])
export type RolloutPreset = z.infer<typeof RolloutPreset>

/** The choices of a person. */
export const InstallWish = z.strictObject({
  /** The name of the installation; that of the listing if absent. */
  name: InstallationName,
  catalogue: Name,
  listing: Name,
  /** The newest one of the channel to which the upgrade graph leads, if absent. */
  version: ListingVersion.optional(),
  channel: Channel.default('stable'),
  settings: AppConfig.default({}),
  selector: SelectorText.default('true'),
  /** That of the installation if absent; a new one goes to all devices at once. */
  preset: RolloutPreset.optional(),
  /** The owner of the sources and sinks. */
  scope: ConnectionScope.default('organisation'),
  /** The keys of all permissions that the person accepts. An upgrade keeps those that were accepted before. */
  accept: z.array(PermissionKey).max(PERMISSIONS_MAX).default([]),
})
export type InstallWish = z.infer<typeof InstallWish>

/** An ordinary request of the API. The order is that of the execution. */
export const InstallStep = z.discriminatedUnion('does', [
  z.strictObject({
    does: z.literal('set-connection'),
    connection: ConnectionKind,
    name: Name,
    scope: ConnectionScope,
    spec: ConnectionSpec,
  }),
  z.strictObject({ does: z.literal('push'), item: Name, push: PushRequest }),
  z.strictObject({
    does: z.literal('deploy'),
    /** The pushed item whose version is deployed. */
    item: Name,
    spec: DeploymentSpec,
  }),
  z.strictObject({ does: z.literal('remove-deployment'), deployment: Name }),
  z.strictObject({
    does: z.literal('remove-connection'),
    connection: ConnectionKind,
    name: Name,
    scope: ConnectionScope,
  }),
])
export type InstallStep = z.infer<typeof InstallStep>

/** A need that devices do not meet, and the number of them. */
export const UnmetNeed = z.strictObject({ reason: z.string().max(200), count: z.int().min(1) })

/** "Runs on 212 of 240 devices, because ...". A device counts under its first unmet need. */
export const FleetFit = z.strictObject({
  selected: z.int().min(0),
  fitting: z.int().min(0),
  unmet: z.array(UnmetNeed).max(20),
})
export type FleetFit = z.infer<typeof FleetFit>

export const PermissionDiff = z.strictObject({
  asked: z.array(ListingPermission).max(PERMISSIONS_MAX),
  /** Nobody has accepted these yet. */
  unaccepted: z.array(ListingPermission).max(PERMISSIONS_MAX),
  /** The installed version had them, and this one does not need them. */
  dropped: z.array(PermissionKey).max(PERMISSIONS_MAX),
})
export type PermissionDiff = z.infer<typeof PermissionDiff>

export const InstallPlan = z.strictObject({
  name: InstallationName,
  catalogue: Name,
  listing: Name,
  version: ListingVersion,
  /** repair: the same version again, such as after an interruption. */
  change: z.enum(['install', 'upgrade', 'repair']),
  from: ListingVersion.optional(),
  steps: z.array(InstallStep).max(100),
  permissions: PermissionDiff,
  fleet: FleetFit,
  /** Why the entitlements do not allow it; absent if they do, or if the listing needs none. */
  entitlement: z.string().max(300).optional(),
})
export type InstallPlan = z.infer<typeof InstallPlan>

/** An object that the installation owns on the hub. */
export const InstalledObject = z.strictObject({
  object: z.enum(['deployable', 'deployment', 'source', 'sink']),
  name: Name,
  scope: ConnectionScope.optional(),
})
export type InstalledObject = z.infer<typeof InstalledObject>

export const Installation = z.strictObject({
  name: InstallationName,
  state: InstallationState,
  catalogue: Name,
  listing: Name,
  title: Listing.shape.title,
  version: ListingVersion,
  digest: Digest,
  settings: AppConfig,
  selector: SelectorText,
  scope: ConnectionScope,
  accepted: z.array(PermissionKey).max(PERMISSIONS_MAX),
  objects: z.array(InstalledObject).max(100),
  changedAtMs: InstantMs,
  changedBy: z.string(),
  /** The newest version to which an upgrade leads; absent if there is none. */
  upgrade: ListingVersion.optional(),
  /** Why its version is no longer offered. */
  notice: z.string().max(500).optional(),
  /** The devices with its versions now. */
  usage: ListingUsage.optional(),
  preset: RolloutPreset.optional(),
})
export type Installation = z.infer<typeof Installation>

export const UninstallPlan = z.strictObject({
  steps: z.array(InstallStep).max(100),
  /** Sentences: the objects that stay, and why. */
  stays: z.array(z.string().max(300)).max(100),
})
export type UninstallPlan = z.infer<typeof UninstallPlan>
