use super::*;

fn nanos(text: &str) -> i128 {
    text.parse::<Amount>().unwrap_or_else(|error| panic!("{text}: {error}")).nanos()
}

#[test]
fn every_suffix_is_known() {
    let decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    for (step, suffix) in decimal.iter().enumerate() {
        assert_eq!(nanos(&format!("7{suffix}")), 7 * 1000_i128.pow(step as u32), "{suffix}");
    }
    for (step, suffix) in ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].iter().enumerate() {
        assert_eq!(nanos(&format!("7{suffix}")), (7 * NANOS) << (10 * (step + 1)), "{suffix}");
    }
}

#[test]
fn fractions_are_exact() {
    assert_eq!(nanos("1.5Gi"), 1_610_612_736 * NANOS);
    assert_eq!(nanos("0.1Ki"), 102_400_000_000);
    assert_eq!(nanos("9007199254740993"), 9_007_199_254_740_993 * NANOS);
    assert_eq!(nanos(".5"), nanos("500m"));
    assert_eq!(nanos("1."), NANOS);
    assert_eq!(nanos("-1.5"), -1_500_000_000);
    assert_eq!(nanos("0.333333333333333333333333333333Gi"), 357_913_941_333_333_334);
}

#[test]
fn exponents_are_told_from_exa() {
    assert_eq!(nanos("1E"), nanos("1000P"));
    assert_eq!(nanos("1E3"), nanos("1k"));
    assert_eq!(nanos("1e3"), nanos("1000"));
    assert_eq!(nanos("12e-3"), nanos("12m"));
    assert_eq!(nanos("1.25e+1"), nanos("12500m"));
}

#[test]
fn what_is_no_quantity_is_refused() {
    for text in ["", "--1", "+-1", "Ki", "1e3Ki", "1e", "e3", "1.2.3", ".", "-", "1K", "1 Gi", "0x10", "1kk", "1e1.5"] {
        assert!(text.parse::<Amount>().is_err(), "{text}");
    }
}

#[test]
fn the_greatest_and_the_smallest_do_not_wrap() {
    assert_eq!(nanos("1e30000"), i128::MAX);
    assert_eq!(nanos("999999999999999999999999999999999999999999999999999999999999999999999"), i128::MAX);
    assert_eq!(nanos("1e-30000"), 1);
    assert_eq!(nanos("1e-10"), 1);
    assert_eq!(nanos("0e30000"), 0);
    assert_eq!(nanos("0.000000000000000000000000000000000000000000000000000000000000001e63"), NANOS);
    let most = Amount::from_nanos(i128::MAX);
    assert_eq!(most + most, most);
    assert_eq!(most.value(), i64::MAX);
}

#[test]
fn values_round_up() {
    let value = |text: &str| text.parse::<Amount>().unwrap().value();
    assert_eq!((value("100m"), value("1"), value("1001m"), value("-1500m"), value("1n")), (1, 1, 2, -1, 1));
    assert_eq!("1u".parse::<Amount>().unwrap().milli_value(), 1);
    assert_eq!("2".parse::<Amount>().unwrap().milli_value(), 2000);
}

#[test]
fn printing_is_canonical() {
    let decimal = |text: &str| text.parse::<Amount>().unwrap().to_string();
    let forms = [("1500m", "1500m"), ("1.5", "1500m"), ("1000", "1k"), ("0.0", "0"), ("-2000k", "-2M"), ("1n", "1n")];
    for (text, canonical) in forms {
        assert_eq!(decimal(text), canonical);
    }
    let binary = |text: &str| text.parse::<Amount>().unwrap().to_binary_string();
    let forms = [("1024", "1Ki"), ("1.5Gi", "1536Mi"), ("2Ei", "2Ei"), ("1000", "1k"), ("0", "0"), ("-1Mi", "-1Mi")];
    for (text, canonical) in forms {
        assert_eq!(binary(text), canonical);
    }
}

/// A small generator with a fixed seed, so that a failure can be repeated.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 20
    }
}

#[test]
fn what_is_printed_reads_back() {
    let mut numbers = Numbers(7);
    for _ in 0..20_000 {
        let magnitude = i128::from(numbers.next()) * 10_i128.pow((numbers.next() % 15) as u32);
        let amount = Amount::from_nanos(if numbers.next().is_multiple_of(2) { magnitude } else { -magnitude });
        assert_eq!(amount.to_string().parse(), Ok(amount));
        assert_eq!(amount.to_binary_string().parse(), Ok(amount));
    }
}

#[test]
fn parsing_agrees_with_whole_number_arithmetic() {
    let mut numbers = Numbers(11);
    for _ in 0..20_000 {
        let (whole, thousandths) = (i128::from(numbers.next() % 100_000), i128::from(numbers.next() % 1000));
        let step = (numbers.next() % 7) as u32;
        let suffix = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][step as usize];
        let expected = ((whole * 1000 + thousandths) * (NANOS / 1000)) << (10 * step);
        assert_eq!(nanos(&format!("{whole}.{thousandths:03}{suffix}")), expected);
    }
}

#[test]
fn sums_do_not_depend_on_the_order() {
    let mut numbers = Numbers(13);
    let amounts: Vec<Amount> = (0..1000).map(|_| Amount::from_nanos(i128::from(numbers.next()))).collect();
    let forward: Amount = amounts.iter().copied().sum();
    let backward: Amount = amounts.iter().rev().copied().sum();
    assert_eq!(forward, backward);
    assert_eq!(forward - backward, Amount::ZERO);
}
