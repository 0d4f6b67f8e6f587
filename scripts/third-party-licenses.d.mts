export declare function thirdPartyLicenses(modules: readonly string[]): string
