// Creates the schema and fills an empty shop: one zone, three ways of shipping, two of paying, eight products.
process.env.VENDURE_SEED = '1';
process.env.VENDURE_PORT = '0';
const path = require('node:path');
const {
  ChannelService,
  ProductVariant,
  RequestContextService,
  TransactionalConnection,
  bootstrap,
} = require('@vendure/core');
const { populate } = require('@vendure/core/cli');
const { config } = require('./config');

const VARIANTS = 12;
const countries = { DE: 'Germany', AT: 'Austria', FR: 'France', NL: 'Netherlands', US: 'United States of America' };
const dummy = (automaticSettle) => ({
  code: 'dummy-payment-handler',
  arguments: [{ name: 'automaticSettle', value: automaticSettle }],
});

const shop = {
  defaultLanguage: 'en',
  defaultZone: 'Delivery',
  countries: Object.entries(countries).map(([code, name]) => ({ code, name, zone: 'Delivery' })),
  taxRates: [{ name: 'Standard', percentage: 19 }],
  shippingMethods: [
    { name: 'Standard', price: 490, taxRate: 19 },
    { name: 'Express', price: 1290, taxRate: 19 },
    { name: 'Store pickup', price: 0, taxRate: 19 },
  ],
  paymentMethods: [
    { name: 'Dummy', handler: dummy('true') },
    { name: 'On account', handler: dummy('false') },
  ],
  collections: [],
};

async function open() {
  const app = await bootstrap(config);
  const ctx = await app.get(RequestContextService).create({ apiType: 'admin' });
  const euro = { id: ctx.channelId, defaultCurrencyCode: 'EUR', availableCurrencyCodes: ['EUR'], pricesIncludeTax: true };
  await app.get(ChannelService).update(ctx, euro);
  return app;
}

async function seed() {
  const app = await populate(open, shop, path.join(__dirname, 'products.csv'));
  // `populate` reports its failures in the log only.
  const variants = await app.get(TransactionalConnection).rawConnection.getRepository(ProductVariant).count();
  await app.close();
  if (variants !== VARIANTS) throw new Error(`seeded ${variants} product variants, expected ${VARIANTS}`);
}

seed().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
