#include "services/order/reads/answer.h"

#include <algorithm>

namespace switchyard::order {

v1::Order Told(const v1::Order& order, TimeNs now) {
  v1::Order told = order;
  told.mutable_freshness()->set_age_ns(
      std::max<std::int64_t>(now.value - order.update_time_ns(), 0));
  return told;
}

}  // namespace switchyard::order
