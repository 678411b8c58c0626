export { type Assessment, assessmentMessage, assessmentPassed, failedCategories, type Subject } from './assessment.ts'
export { type ByCategory, byCategory, CATEGORIES, type Category, isCategory } from './category.ts'
export { type CapabilityTier, POLICY, type Policy, policyDigest } from './policy.ts'
export { isSeverity, type Severity, type SeverityLevel, severityLevel } from './severity.ts'
